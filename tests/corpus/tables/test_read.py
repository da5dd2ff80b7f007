"""Which files are tables."""

import pytest

from radtex.corpus.tables import read_table
from radtex.errors import CorpusError


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"a,b,a\n", "names columns twice: a"),
        ("t.csv", b"\n\n", "is empty"),
        ("t.xlsx", b"a,b\n1,2\n", "is damaged or no Excel workbook"),
        ("t.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "save it as .xlsx or CSV"),
        ("t.xls", b"<html><table>", "is a web page or XML"),
        ("t.csv", b"a\0b,c\n1,2\n", "is not utf-8 text"),
        ("t.parquet", b"PAR1", "is no Parquet table"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, content, message):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(CorpusError, match=message):
        read_table(file)


def test_a_missing_file_and_an_unknown_encoding_are_refused(tmp_path):
    with pytest.raises(CorpusError, match="does not exist; expected a table as CSV"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "t.csv").write_text("a\n")
    with pytest.raises(CorpusError, match="unknown encoding 'utf-9'"):
        read_table(tmp_path / "t.csv", "utf-9")


def test_a_text_named_as_an_old_workbook_is_read(tmp_path):
    (tmp_path / "t.xls").write_text("a\tb\n1\t2\n")
    assert read_table(tmp_path / "t.xls").rows == [{"a": "1", "b": "2"}]
