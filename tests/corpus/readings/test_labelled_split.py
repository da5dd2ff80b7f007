import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.archives import study_row, write_csv, write_film
from fixtures.commands import Radtex
from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.readings.labelled_split import (
    count_labelled,
    place_labelled,
    where_labelled,
    where_unused,
)
from radtex.corpus.record import Record
from radtex.corpus.sources import open_source
from radtex.corpus.splits import hash_split
from radtex.errors import CorpusError


def records(labelled: list[bool], split: str = "") -> list[Record]:
    return [
        Record(
            f"i{n}", f"s{n}", f"p{n // 2}", f"{n}.png", split=split,
            labels={"Edema": 1}, label_sources={"Edema": "human"} if own else {},
        )
        for n, own in enumerate(labelled)
    ]  # fmt: skip


def placed(labelled: list[bool], asked=None):
    own = records(labelled)
    patients = [f"here:{each.patient_id}" for each in own]
    splits = [hash_split(patient) for patient in patients]
    return patients, splits, *place_labelled(own, patients, splits, asked)


@given(st.lists(st.booleans(), min_size=1, max_size=120))
def test_labelled_patients_leave_train_and_all_else_stays(labelled) -> None:
    patients, before, after, rule = placed(labelled, "pool")
    moved = {patient for patient, own in zip(patients, labelled, strict=True) if own}
    assert rule == ("pool" if moved else None)
    for patient, old, new in zip(patients, before, after, strict=True):
        assert new == (
            hash_split(patient, ("pool", "test")) if old == "train" and patient in moved else old
        )
    of_patient = dict(zip(patients, after, strict=True))
    assert all(of_patient[patient] == new for patient, new in zip(patients, after, strict=True))


@pytest.mark.parametrize(
    ("labelled", "rule"),
    [
        ([True] * 100 + [False] * 400, "pool"),
        ([True] * 500, "train"),  # nothing would be left to pretrain on
        ([True] * 2000 + [False] * 6000, "train"),
        ([True] * 1999 + [False] * 6000, "pool"),
        ([False] * 100, None),
    ],
)
def test_few_labels_move_unasked(labelled, rule) -> None:
    _, before, after, found = placed(labelled)
    assert found == rule
    assert (before == after) == (rule != "pool")


def test_labels_of_an_archive_move_nobody() -> None:
    own = [Record(f"i{n}", f"s{n}", f"p{n}", "", labels={"Edema": 1}) for n in range(40)]
    patients = [each.patient_id for each in own]
    splits = [hash_split(patient) for patient in patients]
    assert place_labelled(own, patients, splits, "pool") == (splits, None)
    assert count_labelled(own, None) is None


def test_it_is_counted_by_study_and_said() -> None:
    own = [*records([True, True, False], "pool"), *records([True], "test")]
    account = count_labelled(own, "pool")
    assert account == {
        "rule": "pool",
        "studies": {"train": 0, "pool": 2, "validate": 0, "test": 1},
    }
    assert where_labelled(account).startswith("human labels: 3 studies, 2 in pool, 1 in test (--l")


def test_splits_that_are_not_used_are_said() -> None:
    own = [*records([True, True], "train"), *records([False], "test")]
    assert where_unused(own, "fold", "hash") == [
        "split: NOT USED is column 'fold' (2 train, 1 test); --split official takes it"
    ]
    assert where_unused(own, "fold", "official") == []
    assert "names none of train, pool" in where_unused(records([True]), "fold", "hash")[0]
    assert where_unused(records([True]), None, "hash") == []


@pytest.fixture
def hospital(tmp_path: Path) -> Path:
    """200 films of 100 patients, with labels of 40 of them, and a column of splits."""
    rows = []
    for number in range(200):
        row = {k: v for k, v in study_row(number).items() if k not in ("Edema", "Pneumonia")}
        row |= {"Edema": number % 2 if number < 40 else "", "split": "train"}
        write_film(tmp_path / "archive" / f"films/{number:04}.png", number)
        rows.append(row)
    return write_csv(tmp_path / "archive" / "studies.csv", rows)


def test_a_build_says_and_stores_where_labels_went(
    hospital: Path, tmp_path: Path, radtex_command: Radtex
) -> None:
    fixed = ("corpus", "build", "table", hospital, "--size", 8, "--workers", 1)
    ended = radtex_command(*fixed, "--out", tmp_path / "out")
    corpus = Corpus.open(tmp_path / "out")
    of_split = corpus.info["human_labels"]["studies"]
    assert corpus.info["human_labels"]["rule"] == "pool"
    assert of_split["train"] == 0
    assert sum(of_split.values()) == 40
    assert f"{of_split['pool']} in pool" in ended.err
    assert "split: NOT USED is column 'split' (200 train)" in ended.err
    assert "Labels by source" in radtex_command("corpus", "describe", tmp_path / "out").out
    stayed = radtex_command(*fixed, "--labelled", "train", "--out", tmp_path / "stayed")
    assert "--labelled pool moves them" in stayed.err
    info = json.loads((tmp_path / "stayed" / "corpus.json").read_text())
    assert info["human_labels"]["studies"]["train"] > 0
    plain = build(open_source("phantom", studies=20), tmp_path / "plain", size=8, workers=1)
    assert "human_labels" not in plain.info


def test_a_rule_for_the_hash_split_is_refused_beside_another_split(hospital, tmp_path) -> None:
    source = open_source("table", root=hospital)
    with pytest.raises(CorpusError, match="--split official was asked for; leave one of them out"):
        build(source, tmp_path / "out", split="official", labelled="pool")
