"""The desk: films in order, labels that become a corpus's."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radtex.corpus.corpus import Corpus
from radtex.corpus.readings.label_table import bring_labels
from radtex.labelling.next_films import next_films
from radtex.serving.desk.label_desk import LabelDesk
from radtex.serving.problems import ProblemError


@pytest.fixture
def desk(phantom_corpus: Corpus, writing_run: Path, tmp_path: Path) -> LabelDesk:
    """For Edema and Gout, on a corpus of its own."""
    shutil.copytree(phantom_corpus.path, tmp_path / "corpus")
    return LabelDesk(Corpus.open(tmp_path / "corpus"), [writing_run], ["Gout", "Rickets"])


def test_films_come_in_the_order_of_next_and_each_reader_goes_through_all(
    desk: LabelDesk, tmp_path: Path, writing_run: Path
) -> None:
    assert desk.next_film("a") == ("choosing", None, 0)
    desk.choose()
    table = tmp_path / "next.csv"
    next_films(desk.corpus, desk.targets, table, encoder=str(writing_run))
    expected = [desk.row_of(image) for image in pd.read_csv(table)["image_id"]]
    assert len(expected) > 20
    for place, row in enumerate(expected[:5]):
        assert desk.next_film("a") == ("ready", row, len(expected) - place)
        assert row is not None
        desk.save("a", row, {"Gout": 1}, done=True)
    assert desk.next_film("b") == ("ready", expected[0], len(expected))
    assert desk.next_film("b", expected[0])[1] == expected[1]
    assert desk.runs_short("a") == (len(expected) - 5 < 10)


def test_a_label_of_one_target_leaves_the_others(desk: LabelDesk) -> None:
    desk.save("a", 3, {"Gout": 1})
    desk.save("a", 3, {"Rickets": -1})
    assert desk.values("a", 3) == {"Gout": 1, "Rickets": -1}
    desk.save("a", 3, {"Gout": None})
    assert desk.values("a", 3) == {"Rickets": -1}
    assert desk.values("b", 3) == {}


def test_undo_takes_back_the_last_of_the_same_reader(desk: LabelDesk) -> None:
    desk.save("a", 3, {"Gout": 1})
    desk.save("a", 3, {"Gout": 0}, done=True, seconds=4)
    desk.save("b", 4, {"Gout": 0}, done=True)
    assert desk.undo("a").values == {"Gout": 0}
    assert desk.values("a", 3) == {"Gout": 1}
    assert desk.progress() == {"a": (0, 1, None), "b": (1, 1, None)}
    desk.undo("a")
    with pytest.raises(ProblemError, match="no label of yours"):
        desk.undo("a")


def test_other_targets_and_films_are_refused(desk: LabelDesk) -> None:
    with pytest.raises(ProblemError, match="Gout, Rickets"):
        desk.save("a", 3, {"Edema": 1})
    with pytest.raises(ProblemError, match="no such film"):
        desk.save("a", 10**6, {"Gout": 1})


def test_the_table_is_what_label_takes(desk: LabelDesk, tmp_path: Path) -> None:
    rows = desk.corpus.rows("pool")[:4]
    for place, row in enumerate(rows):
        desk.save("Dr A", int(row), {"Gout": place % 2, "Rickets": place % 2 - 1})
    desk.save("Dr, B", int(rows[0]), {"Gout": 1})
    table = tmp_path / "labels.csv"
    table.write_text(desk.csv(), encoding="utf-8")
    bring_labels(desk.corpus.path, table)
    brought, served = Corpus.open(desk.corpus.path), desk.labelled_corpus()
    assert brought.journal.readers == ["Dr A", "Dr, B"]
    for name in desk.targets:
        np.testing.assert_array_equal(
            brought.index[f"label.{name}"].to_numpy(np.float32, na_value=np.nan),
            served.index[f"label.{name}"].to_numpy(np.float32, na_value=np.nan),
        )
    assert desk.definite() == {"Gout": 3, "Rickets": 2}  # of the first, readers differ


def test_seconds_are_a_median(desk: LabelDesk) -> None:
    for row, seconds in enumerate((2, 4, 90)):
        desk.save("a", row, {"Gout": 1}, done=True, seconds=seconds)
    assert desk.progress()["a"] == (3, 3, 4)


def test_the_usual_targets_are_the_classifiers_or_the_corpus(
    phantom_corpus: Corpus, writing_run: Path, kept: Path
) -> None:
    own = LabelDesk(phantom_corpus, [writing_run, kept / "classifier"], ())
    assert own.targets == ("Edema", "Effusion")
    theirs = LabelDesk(phantom_corpus, [writing_run], ())
    assert "Edema" in theirs.targets
    assert "No Finding" not in theirs.targets


def test_a_label_speaks_for_all_images_of_its_study(kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept / "corpus", tmp_path / "corpus")
    corpus = Corpus.open(tmp_path / "corpus")
    desk = LabelDesk(corpus, [kept / "classifier"], ["Gout"])
    studies = corpus.index["study_id"]
    row = int(corpus.rows("pool")[0])
    both = np.flatnonzero(studies == studies[row])
    assert len(both) == 2
    desk.save("a", row, {"Gout": 1})
    assert desk.labelled_corpus().index["label.Gout"].iloc[both].tolist() == [1, 1]
    assert desk.definite() == {"Gout": 1}
    (tmp_path / "labels.csv").write_text(desk.csv().replace(",1,", ",0,"), encoding="utf-8")
    bring_labels(corpus.path, tmp_path / "labels.csv")
    assert Corpus.open(corpus.path).index["label.Gout"].iloc[both].tolist() == [0, 0]


def test_that_the_report_was_seen_is_kept_with_what_is_said_afterwards(
    desk: LabelDesk, tmp_path: Path
) -> None:
    first, second = desk.corpus.rows("pool")[:2].tolist()
    desk.save("a", first, {"Gout": 1})
    desk.save("a", first, {}, report_seen=True)
    assert desk.has_seen_report("a", first)
    assert not desk.has_seen_report("b", first)
    table = pd.read_csv(io.StringIO(desk.csv()))
    assert table["report_seen"].tolist() == ["no"]  # what was said before was said blind
    assert desk.undo("a").values == {"Gout": 1}  # seeing is not undone
    assert desk.save("a", first, {"Gout": 0}, done=True).report_seen
    desk.save("a", second, {"Gout": 1, "Rickets": 0}, done=True)
    table = pd.read_csv(io.StringIO(desk.csv()))
    assert table["report_seen"].tolist() == ["yes", "no"]
    (tmp_path / "labels.csv").write_text(desk.csv())
    bring_labels(desk.corpus.path, tmp_path / "labels.csv")
    assert set(Corpus.open(desk.corpus.path).journal.standing[0].values) == {"Gout", "Rickets"}


def test_films_with_labels_are_had_when_they_are_asked_for(
    phantom_corpus: Corpus, writing_run: Path, tmp_path: Path
) -> None:
    shutil.copytree(phantom_corpus.path, tmp_path / "corpus")
    desk = LabelDesk(Corpus.open(tmp_path / "corpus"), [writing_run], ["Pleural Effusion"])
    desk.choose()
    assert desk.next_film("a") == ("done", None, 0)
    assert desk.why_done() == "Every study of the pool has a label of Pleural Effusion already."
    there = desk.labelled_films("a")
    keys = desk.corpus.index.loc[desk.corpus.rows("pool"), ["patient_id", "study_id"]]
    assert len(there) == len(keys.drop_duplicates())
    assert desk.choose_labelled("a") == min(50, len(there))
    for row in there[:50]:
        assert desk.next_film("a")[:2] == ("ready", row)
        desk.save("a", row, {"Pleural Effusion": 1}, done=True)
    assert desk.labelled_films("a") == there[50:]
    assert desk.next_film("b")[:2] == ("ready", there[0])


def test_films_may_be_added_while_a_reader_asks(
    desk: LabelDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Done(set[int]):
        """Whoever looks up a film finds that another reader asked for more meanwhile."""

        def __contains__(self, row: object) -> bool:
            desk._append({next(rows): ""})
            return super().__contains__(row)

    desk.choose()
    first, rows = next(iter(desk._queue)), iter(range(10_000, 20_000))
    left = len(desk._queue)
    monkeypatch.setattr(desk, "_done", lambda _: Done())
    assert desk.next_film("a") == ("ready", first, left)
    assert list(desk._queue)[left:] == list(range(10_000, 10_000 + left))


def test_what_was_said_of_a_film_that_is_no_more_is_not_undone(
    desk: LabelDesk, writing_run: Path
) -> None:
    desk.save("a", 3, {"Gout": 1})
    gone = str(desk.corpus.index["image_id"].iloc[4])
    desk.save("a", 4, {"Gout": 1})
    journal = desk.corpus.path / "served_labels.jsonl"
    journal.write_text(journal.read_text().replace(json.dumps(gone), json.dumps("no such film")))
    again = LabelDesk(desk.corpus, [writing_run], desk.targets)
    assert again.undo("a").film == desk.corpus.index["image_id"].iloc[3]
    with pytest.raises(ProblemError, match="no label of yours"):
        again.undo("a")


def test_a_server_that_is_started_again_goes_on_with_its_films(
    desk: LabelDesk, writing_run: Path
) -> None:
    desk.choose()
    first, second = list(desk._queue)[:2]
    desk.save("a", first, {"Gout": 1}, done=True)
    desk.save("a", second, {"Gout": 1})
    again = LabelDesk(Corpus.open(desk.corpus.path), [writing_run], desk.targets)
    again.choose()
    assert again.next_film("a")[1] == second
    assert again.next_film("b")[1] == first
    assert again.next_film("b", first)[1] == second


def test_films_with_labels_come_again_after_a_new_start_if_they_came_before(
    desk: LabelDesk, writing_run: Path
) -> None:
    def started() -> LabelDesk:
        found = LabelDesk(Corpus.open(desk.corpus.path), [writing_run], ["Pleural Effusion"])
        found.choose()
        return found

    before = started()
    assert before.next_film("a")[0] == "done"
    before.choose_labelled("a")
    _, row, left = before.next_film("a")
    assert row is not None
    before.save("a", row, {"Pleural Effusion": 1}, done=True)
    state, following, _ = started().next_film("a")
    assert (state, following) == ("ready", before.next_film("a")[1])
    assert left > 1
