"""Label Studio's JSON, there and back."""

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from radtex.corpus.corpus import Corpus
from radtex.serving.desk.label_desk import LabelDesk
from radtex.serving.desk.label_journal import seen_reports, values_of
from radtex.serving.desk.label_studio import labelling_config, take_tasks, to_tasks


def desk_in(folder: Path, corpus: Corpus, run: Path) -> LabelDesk:
    shutil.copytree(corpus.path, folder)
    return LabelDesk(Corpus.open(folder), [run], ["Gout", "Rickets"])


@pytest.fixture
def desk(phantom_corpus: Corpus, writing_run: Path, tmp_path: Path) -> LabelDesk:
    return desk_in(tmp_path / "corpus", phantom_corpus, writing_run)


def test_what_is_exported_is_imported_elsewhere(
    desk: LabelDesk, phantom_corpus: Corpus, writing_run: Path, tmp_path: Path
) -> None:
    desk.save("a", 3, {"Gout": 1, "Rickets": -1})
    desk.save("b", 3, {"Gout": 0})
    desk.save("b", 5, {"Rickets": 0}, report_seen=True)
    other = desk_in(tmp_path / "other", phantom_corpus, writing_run)
    tasks = to_tasks(desk)
    assert len(tasks) == 2
    assert take_tasks(other, tasks) == (3, [])
    assert take_tasks(other, tasks) == (3, [])
    assert values_of(other.journal.standing) == values_of(desk.journal.standing)
    assert len(other.journal.standing) == 3
    assert seen_reports(other.journal.standing) == seen_reports(desk.journal.standing) != set()


def annotation(choices: object, name: str = "gout", **more: object) -> dict[str, object]:
    result = {"from_name": name, "to_name": "image", "type": "choices"}
    return {"result": [result | {"value": {"choices": choices}}], "completed_by": 7} | more


def test_films_are_found_by_address_or_name_and_words_by_meaning(
    desk: LabelDesk, phantom_corpus: Corpus
) -> None:
    image = phantom_corpus.index["image_id"][2]
    tasks = [
        {"data": {"image": "http://host/v1/corpus/films/1/film.png"},
         "annotations": [annotation(["Yes"])]},
        {"data": {"image": f"/data/upload/{image}.png"}, "annotations": [annotation(["absent"])]},
        {"data": {"image": "nowhere.png"}, "annotations": [annotation(["absent"])]},
        {"data": {"image_id": image}, "annotations": [annotation(["maybe so"])]},
        {"data": {"image_id": image}, "annotations": [annotation(["yes"], was_cancelled=True)]},
        {"data": {"image_id": image}, "annotations": [annotation(["yes"], "Other")]},
        {"data": {"image_id": image}, "annotations": None},
    ]  # fmt: skip
    taken, left_out = take_tasks(desk, tasks)
    assert taken == 2
    assert len(left_out) == 4
    assert desk.values("7", 1) == {"Gout": 1}
    assert desk.values("7", 2) == {"Gout": 0}


@pytest.mark.parametrize("task", [None, 3, {}, {"data": 1}, {"data": {"image": 2}}])
def test_what_is_no_task_is_left_out(desk: LabelDesk, task: object) -> None:
    assert take_tasks(desk, [task])[0] == 0


def test_the_interface_has_a_control_for_each_finding() -> None:
    root = ElementTree.fromstring(labelling_config(['A & "B"', "Gout"]))
    assert [each.get("name") for each in root.iter("Choices")] == ['A & "B"', "Gout"]
    assert root[0].get("value") == "$image"
