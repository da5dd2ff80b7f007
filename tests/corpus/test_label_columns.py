"""Which columns of a table are labels."""

from pathlib import Path

import pytest

from radtex.corpus.label_columns import (
    MAX_LABELS,
    can_hold_labels,
    guess_labels,
    refuse_many_labels,
)
from radtex.corpus.tables import Columns, Table
from radtex.errors import CorpusError


def guessed(*rows: dict[str, str], columns: Columns | None = None) -> list[str]:
    return guess_labels(Table(Path("t.csv"), tuple(rows[0]), rows), columns or Columns())


def test_labels_are_columns_of_findings_and_those_that_hold_labels_only():
    rows = ({"pleural_effusion": "x", "stone": "1"}, {"pleural_effusion": "2", "stone": ""})
    assert guessed(*rows) == ["pleural_effusion", "stone"]
    assert guessed({"score": "0", "blank": ""}, {"score": "3", "blank": ""}) == []


def test_a_column_with_a_role_is_no_label():
    assert guessed({"age": "1", "Edema": "0"}, columns=Columns(age="age")) == ["Edema"]


def test_words_are_labels_only_under_the_name_of_a_finding():
    yes, no = {"smoker": "yes", "Edema": "Yes"}, {"smoker": "no", "Edema": "No"}
    assert guessed(yes, no) == ["Edema"]
    assert guessed({"sex": "F", "died": "present"}, {"sex": "M", "died": "absent"}) == []
    assert guessed({"grade": "possible"}, {"grade": "u"}) == []


def test_booleans_are_as_good_as_1_and_0():
    assert guessed({"stone": "TRUE"}, {"stone": "False"}, {"stone": "-"}) == ["stone"]
    assert guessed({"stein": "WAHR"}, {"stein": "FALSCH"}) == ["stein"]


def test_numbers_of_rows_are_no_labels():
    rows = ({"Unnamed: 0": "0", "index": "0", "x": "0"}, {"Unnamed: 0": "1", "index": "1", "x": ""})
    assert guessed(*rows) == ["x"]


def test_numbers_of_things_are_no_labels():
    counts = ("images_of_study", "n_views", "number of films", "film count", "Anzahl")
    row = {**dict.fromkeys(counts, "1"), "Edema": "1", "No Finding": "0", "nodule side": "1"}
    assert guessed(row, row) == ["Edema", "No Finding", "nodule side"]


def test_doubts_may_stand_beside_numbers():
    rows = [{"stone": cell} for cell in ("1", "u", "0", "", "maybe")]
    assert guessed(*rows) == ["stone"]
    assert guessed({"stone": "1"}, {"stone": "yes"}) == []
    assert guessed({"stone": "u"}, {"stone": "u"}) == []


@pytest.mark.parametrize(
    ("cells", "found"),
    [("10u", True), ("uu", True), ("", False), (["", "?"], False), (["1", "2"], False),
     (["yes", "no"], True), (["1", "see remark"], False)],
)  # fmt: skip
def test_what_can_hold_labels(cells, found):
    assert can_hold_labels(list(cells)) is found


def test_more_labels_than_any_archive_has_are_refused():
    refuse_many_labels([str(number) for number in range(MAX_LABELS)])
    with pytest.raises(CorpusError, match=r"1,001 labels were found, .* at most 1,000"):
        refuse_many_labels([str(number) for number in range(MAX_LABELS + 1)])
