"""Tables that may be joined."""

from pathlib import Path

import pytest

from radtex.corpus.joining.joinable import JoinedTable, refuse_absent
from radtex.corpus.tables import Columns, Table
from radtex.errors import CorpusError


def table(*header: str, cell: str = "1") -> Table:
    return Table(Path("t.csv"), header, [dict.fromkeys(header, cell)])


def test_labels_are_guessed_and_keys_are_none():
    joined = JoinedTable.of_labels(table("SOPInstanceUID", "Edema", "stone", "age"), Columns())
    assert joined.labels == ["Edema", "stone"]
    named = JoinedTable.of_labels(table("image_id", "Edema", "stone"), Columns(), ["stone"])
    assert named.labels == ["stone"]


def test_labels_that_are_not_there_are_answered_with_the_columns():
    with pytest.raises(CorpusError, match="--label-columns; its columns are: image_id, words"):
        JoinedTable.of_labels(table("image_id", "words", cell="x"), Columns())
    with pytest.raises(CorpusError, match="no column Mass; its columns are: image_id, Edema"):
        JoinedTable.of_labels(table("image_id", "Edema"), Columns(), ["Mass"])


def test_reports_without_a_text_are_answered_with_the_columns():
    with pytest.raises(CorpusError, match="--report-column NAME; its columns are: image_id, words"):
        JoinedTable.of_reports(table("image_id", "words"), Columns())


def test_columns_of_other_tables_may_be_named():
    named = Columns(report="words", patient_id="elsewhere")
    joined = JoinedTable.of_reports(table("image_id", "words"), named)
    assert joined.columns.named == {"image": "image_id", "image_id": "image_id", "report": "words"}


def test_a_column_that_no_table_has_is_refused_with_those_there_are():
    refuse_absent(Columns(age="b"), [("a",), ("b", "a")])
    refuse_absent(Columns(), [])
    with pytest.raises(CorpusError, match="no table has a column c; the columns are: a, b"):
        refuse_absent(Columns(age="c"), [("a",), ("b", "")])
    with pytest.raises(CorpusError, match="no table is read that could have a column c; give one"):
        refuse_absent(Columns(age="c"), [()])
