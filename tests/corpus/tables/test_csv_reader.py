"""Tables as CSV."""

import csv
import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.corpus.tables import read_table
from radtex.errors import CorpusError

cells = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=50)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_a_csv_gives_back_the_cells_that_were_written(tmp_path_factory, rows):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([("a", "b"), *rows])
    file = tmp_path_factory.mktemp("csv") / "table.csv"
    file.write_bytes(buffer.getvalue().encode())
    assert read_table(file).rows == [{"a": a, "b": b} for a, b in rows]


def test_trailing_commas_and_a_byte_order_mark_are_no_cells(tmp_path):
    file = tmp_path / "table.csv"
    file.write_bytes(b"\xef\xbb\xbfa,b,\n1,2,\n3,4\n\n")
    table = read_table(file)
    assert table.header == ("a", "b")
    assert table.rows == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_rows_with_more_or_fewer_fields_are_rejected_by_their_line(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("a,b\n1\n1,2\n1,2,3\n")
    table = read_table(file)
    assert table.rows == [{"a": "1", "b": "2"}]
    assert [rejection.row for rejection in table.rejections] == ["line 2", "line 4"]


def test_text_in_another_encoding_is_refused_with_a_suggestion(tmp_path):
    file = tmp_path / "table.csv"
    file.write_bytes("a\népanchement\n".encode("latin-1"))
    with pytest.raises(
        CorpusError, match=r"is not utf-8 text \(after line 0\).*--encoding latin-1"
    ):
        read_table(file)
    assert read_table(file, "latin-1").rows == [{"a": "épanchement"}]


def test_a_packed_table_reads_as_the_plain_one(tmp_path):
    (tmp_path / "t.csv").write_bytes('\ufeff"a, b",c\n1,"é\n2"\n'.encode())
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress((tmp_path / "t.csv").read_bytes()))
    table = read_table(tmp_path / "t.csv.gz")
    assert table.rows == read_table(tmp_path / "t.csv").rows == [{"a, b": "1", "c": "é\n2"}]


def test_packed_tables_that_are_damaged_or_bombs_are_refused(tmp_path, monkeypatch):
    file = tmp_path / "t.csv.gz"
    packed = gzip.compress(b"a\n" + b"1\n" * 10_000)
    for damaged in (b"a\n1\n", packed[:-20], packed[:15] + b"\xff" * 8 + packed[23:]):
        file.write_bytes(damaged)
        with pytest.raises(CorpusError, match="is damaged or no gzip file"):
            read_table(file)
    file.write_bytes(packed)
    assert len(read_table(file).rows) == 10_000
    monkeypatch.setattr("radtex.corpus.tables.csv_reader.MAX_UNPACKED", 20_001)
    with pytest.raises(CorpusError, match="unpacks to more than 20,001 bytes"):
        read_table(file)
