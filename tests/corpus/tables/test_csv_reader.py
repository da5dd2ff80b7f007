"""Tables as CSV."""

import csv
import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.corpus.record import Rejection
from radtex.corpus.tables import read_table
from radtex.errors import CorpusError

plain = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=12)
lines = st.text('ab ,"\n', max_size=12)  # without digits: nothing that could be a row of ids
cells = plain | lines


@settings(max_examples=50)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_a_csv_gives_back_the_cells_that_were_written(tmp_path_factory, rows):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([("a", "b"), *rows])
    file = tmp_path_factory.mktemp("csv") / "table.csv"
    file.write_bytes(buffer.getvalue().encode())
    stated = [{"a": a, "b": b} for a, b in rows if a.strip() or b.strip()]
    assert read_table(file).rows == stated


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


def test_a_packed_table_reads_as_the_plain_one(tmp_path):
    (tmp_path / "t.csv").write_bytes('\ufeff"a, b",c\n1,"é\n2"\n'.encode())
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress((tmp_path / "t.csv").read_bytes()))
    table = read_table(tmp_path / "t.csv.gz")
    assert table.rows == read_table(tmp_path / "t.csv").rows == [{"a, b": "1", "c": "é\n2"}]


def test_blank_lines_and_rows_of_separators_are_no_rows(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("\n \n,,\nimage,patient_id\n\na.png,1\n,\n , \nb.png\n")
    table = read_table(file)
    assert (table.header, table.rows) == (
        ("image", "patient_id"),
        [{"image": "a.png", "patient_id": "1"}],
    )
    assert [rejection.row for rejection in table.rejections] == ["line 9"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_machine(tmp_path, end):
    file = tmp_path / "t.csv"
    file.write_bytes(end.join(["a,b", f'1,"x{end}y"', "2,z", ""]).encode())
    assert read_table(file).rows == [{"a": "1", "b": f"x{end}y"}, {"a": "2", "b": "z"}]


def test_row_names_of_r_do_not_shift_the_columns(tmp_path):
    file = tmp_path / "t.txt"
    file.write_text("image\tpatient\n1\ta.png\t7\n2\tb.png\t8\n")
    assert read_table(file).rows[1] == {"": "2", "image": "b.png", "patient": "8"}
    file.write_text('"","image"\n"1","a.png"\n')
    assert read_table(file).rows == [{"": "1", "image": "a.png"}]
    file.write_text("image\tpatient\n2\ta.png\t7\n1\tb.png\t8\n")
    assert len(read_table(file).rejections) == 2


def test_a_long_cell_is_read_and_the_limit_of_others_left_alone(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("a,b\n1," + "x" * 200_000 + "\n")
    before = csv.field_size_limit()
    assert len(read_table(file).rows[0]["b"]) == 200_000
    assert csv.field_size_limit() == before


def test_a_cell_beyond_the_limit_costs_its_row(tmp_path, monkeypatch):
    monkeypatch.setattr("radtex.corpus.tables.csv_reader._LONGEST", 1000)
    file = tmp_path / "t.csv"
    file.write_text("a,b\n1," + "x" * 2000 + "\n2,y\n")
    table = read_table(file)
    assert table.rows == [{"a": "2", "b": "y"}]
    assert table.rejections == [Rejection("line 2", "row has a cell of more than 1,000 characters")]
    file.write_text('a,b\n1,"' + "x\n" * 2000)
    with pytest.raises(CorpusError, match="line 2 opens a quote that never closes"):
        read_table(file)


def test_a_nul_in_a_cell_is_a_character(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n1\0,2\n")
    assert read_table(tmp_path / "t.csv").rows == [{"a": "1\0", "b": "2"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_line_of_a_decode_error_is_that_of_the_fault(tmp_path, encoding):
    fault = {"utf-8": b"\xff", "utf-16-le": b"\x00\xdc", "utf-16-be": b"\xdc\x00"}[encoding]
    lines = "\u00e4,\n" * 40_000
    (tmp_path / "t.csv").write_bytes(f"\u4e00,b\n{lines}x".encode(encoding) + fault + b"\n" * 8)
    with pytest.raises(CorpusError, match=rf"is not {encoding} text \(line 40002\)"):
        read_table(tmp_path / "t.csv", encoding)


def test_the_encoding_that_a_mark_states_is_the_one_that_fails(tmp_path):
    lines = "\u4e00,b\n" * 4000
    (tmp_path / "t.csv").write_bytes(b"\xff\xfe" + lines.encode("utf-16-le") + b"\x00\xdc\n\0")
    with pytest.raises(CorpusError, match=r"t\.csv is not utf-16 text \(line 4001\)"):
        read_table(tmp_path / "t.csv")


def test_utf_16_without_a_mark_names_the_encoding_to_try(tmp_path):
    (tmp_path / "t.csv").write_bytes("a,b\n1,2\n".encode("utf-16-le"))
    with pytest.raises(CorpusError, match="try --encoding utf-16-le"):
        read_table(tmp_path / "t.csv", "utf-16")


def test_of_the_columns_that_are_not_wanted_only_the_names_are_kept(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("a,b,c\n1,2,3\n4,5\n6,7,8\n")
    table = read_table(file, only=["c", "a", "elsewhere"])
    assert table.header == ("a", "b", "c")
    assert [*table.rows] == [{"a": "1", "c": "3"}, {"a": "6", "c": "8"}]
    assert [rejection.row for rejection in table.rejections] == ["line 3"]


def test_some_columns_are_those_of_the_whole_table(tmp_path):
    file = tmp_path / "t.csv"
    tables = [
        "a,b,c\n1,x,y\n\n2,,z,\n3,x\n",
        'a,b,c\n1,"x\ny",z\n2,"say ""no""",\n',
        "image,patient\n1,a.png,7\n2,b.png,8\n",  # numbered by R
        "image,patient\n1,a.png,7\n3,b.png,8\n",
        'a,b,c\n1,"x" ,y\n2,"z",\n',
        "a,b\n",
    ]
    for text in tables:
        file.write_text(text)
        whole = read_table(file)
        for only in ([], ["b"], ["image", "c", "a"], ["", "patient"]):
            some = read_table(file, only=only)
            assert some.header == whole.header
            assert [*some.rows] == [
                {name: cell for name, cell in row.items() if name in only} for row in whole.rows
            ]
            assert (some.rejections, [*some.lines]) == (whole.rejections, [*whole.lines])


def test_a_quote_that_hides_rows_is_found_also_where_some_columns_are_read(tmp_path):
    rows = "".join(f"{number},i{number}.png,Clear.\n" for number in range(4))
    file = tmp_path / "t.csv"
    file.write_text(f'id,path,text\n{rows}5,i5.png,"Clear.\n6,i6.png,Clear.\n7,i7.png,Clear."\n')
    with pytest.raises(CorpusError, match="looks like a row of its own"):
        read_table(file, only=["id"])
