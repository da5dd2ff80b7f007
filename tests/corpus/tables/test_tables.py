"""Tables, and the guesses of their columns' roles."""

import pytest

from radtex.corpus.tables import Columns, Table, read_table
from radtex.corpus.tables.tables import ColumnRows
from radtex.errors import CorpusError


def table_of(tmp_path, *header: str) -> Table:
    return Table(tmp_path / "t.csv", header, [])


def test_columns_are_guessed_in_any_spelling(tmp_path):
    header = ("Image Path", "PatientID", "ViewPosition", "Patient Age", "GENDER", "Text")
    assert table_of(tmp_path, *header).guess_columns(Columns()).named == {
        "image": "Image Path",
        "patient_id": "PatientID",
        "view": "ViewPosition",
        "age": "Patient Age",
        "sex": "GENDER",
        "report": "Text",
    }


def test_a_given_column_goes_before_a_guess_and_must_exist(tmp_path):
    table = table_of(tmp_path, "image", "patient_id", "mrn")
    assert table.guess_columns(Columns(patient_id="mrn")).patient_id == "mrn"
    with pytest.raises(CorpusError, match="no column who; its columns are: image, patient_id, mrn"):
        table.guess_columns(Columns(patient_id="who"))


def test_tables_of_very_many_columns_are_refused_before_their_names_are_compared(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"a{number}" for number in range(50_000)) + "\n")
    with pytest.raises(CorpusError, match=r"has 50,000 columns; at most 4,096 are read"):
        read_table(path)


def test_rows_that_are_kept_by_columns_are_found_by_number_and_slice():
    rows = ColumnRows({"a": ["1", "2", "3"], "b": ["x", "", "z"]}, 3)
    assert len(rows) == 3
    assert rows[1] == {"a": "2", "b": ""}
    assert rows[-1] == {"a": "3", "b": "z"}
    assert rows[1:] == [{"a": "2", "b": ""}, {"a": "3", "b": "z"}]
    assert [row["a"] for row in rows] == ["1", "2", "3"]
    with pytest.raises(IndexError):
        rows[3]
    assert [*ColumnRows({}, 2)] == [{}, {}]
