"""Which columns of a table are labels."""

from pathlib import Path

from radtex.corpus.label_columns import guess_labels
from radtex.corpus.tables import Columns, Table


def guessed(*rows: dict[str, str], columns: Columns | None = None) -> list[str]:
    return guess_labels(Table(Path("t.csv"), tuple(rows[0]), rows), columns or Columns())


def test_labels_are_columns_of_findings_and_those_that_hold_labels_only():
    rows = ({"pleural_effusion": "x", "stone": "1"}, {"pleural_effusion": "2", "stone": ""})
    assert guessed(*rows) == ["pleural_effusion", "stone"]
    assert guessed({"score": "0", "blank": ""}, {"score": "3", "blank": ""}) == []


def test_a_column_with_a_role_is_no_label():
    assert guessed({"age": "1", "Edema": "0"}, columns=Columns(age="age")) == ["Edema"]
