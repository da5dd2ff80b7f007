"""Quotes that hide rows."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.corpus.tables import read_table
from radtex.corpus.tables.quotes import QuoteCheck
from radtex.errors import CorpusError

HEADER = "image,patient_id,findings\n"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('a.png,001,"Clear lungs\nb.png,002,ok\nc.png,003,fine\n', "line 2 opens .* never closes"),
        ('a.png,001,ok\nb.png,"002,ok\n', "line 3 opens a quote that never closes"),
        ('a.png,001,"x\ny"\nb.png,002,"\n', "line 4 opens a quote that never closes"),
        ('a.png,001,"Clear\nb.png,002,"Effusion"\n', "line 2 .* closes inside a cell, on line 3"),
        ('a.png,001,"Effusion"x\n', "line 2 opens a quote that closes inside a cell, on line 2"),
        (r'a.png,001,"he said \"ok\""' "\n", "line 2 opens a quote that closes inside a cell"),
        ('a.png,001,"Clear\nb.png,002,ok\nc.png,003,fine"\n', "line 2 .* runs on over line 3"),
        ('a.png,001,"Clear\nb.png,002,"\nc.png,003,fine\n', "line 2 .* runs on over line 3"),
        ('a.png,001,"Clear\nb.png,002,""\nc.png,003,x"\n', "line 2 .* runs on over line 3"),
        ('a.png,"001,Clear\nb.png,002",ok\nc.png,003,x\n', "line 2 .* runs on over line 3"),
        ('a.png,001,"Clear\nb.png,002,small, left"\nc.png,003,ok\n', "line 2 .* over line 3"),
        ('a.png,001,"x\rb.png,002,y\rc.png,003,z"\r', "line 2 .* runs on over line 3"),
        ('"a.png","001","Clear\n"b.png","002","ok"\n', "line 2 opens .* inside a cell, on line 3"),
    ],
)
def test_a_quote_that_hides_rows_is_refused_with_its_line(tmp_path, rows, message):
    file = tmp_path / "t.csv"
    file.write_bytes((HEADER + rows).encode())
    with pytest.raises(CorpusError, match=message):
        read_table(file)
    file.write_bytes((HEADER + rows).replace(",", ";").encode())
    with pytest.raises(CorpusError, match=message):
        read_table(file)


def test_a_table_of_two_columns_shows_hidden_rows_by_its_ids(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text('accession,report\n12,"Effusion.\n34,Clear."\n56,x\n')
    with pytest.raises(CorpusError, match="line 2 has a quote that runs on over line 3"):
        read_table(file)


def test_what_follows_the_late_quote_is_of_both_rows(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text('accession,report,n\n12,"Effusion.,1\n34,Clear.",2\n56,x,3\n78,y,4\n')
    with pytest.raises(CorpusError, match="line 2 has a quote that runs on over line 3"):
        read_table(file)


@pytest.mark.parametrize(
    ("header", "hidden"),
    [("path,patient,report,n", "b/2.png,002,Clear,"), ("accession,report,n", "10023,Clear,")],
)
def test_a_hidden_row_may_have_a_text_of_several_lines(tmp_path, header, hidden):
    known = {"path,patient,report,n": ("a/1.png,001", "c/3.png,003")}
    first, third = known.get(header, ("10011", "10047"))
    file = tmp_path / "t.csv"
    file.write_text(f'{header}\n{first},"Effusion.\n{hidden}\nno mass.",2\n{third},x,3\n')
    with pytest.raises(CorpusError, match="line 2 has a quote that runs on over line 3"):
        read_table(file)


@pytest.mark.parametrize("words", ["2019, stable", "T12, normal", "786.2, cough", "10023 seen, ok"])
def test_a_line_of_text_that_begins_with_a_number_is_text(tmp_path, words):
    file = tmp_path / "t.csv"
    file.write_text(f'accession,report,n\n1001,"Seen:\n{words}\nx",2\n1003,y,3\n')
    assert len(read_table(file).rows) == 2


def test_a_quote_in_the_header_may_not_close_late_either(tmp_path):
    (tmp_path / "t.csv").write_text('image,"patient_id\na.png,1\n')
    with pytest.raises(CorpusError, match="line 1 opens a quote that never closes"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize(
    "cell",
    [
        "FINDINGS: clear, no effusion\nnormal, no mass, no nodule\n\n",
        'a "quoted" word\nand ""two""',
        "IMPRESSION:\n1, heart, normal\n2, lungs, clear",
        "12:30, 001, seen\nb, 2, c",
    ],
)
def test_a_report_of_several_lines_is_one_cell(tmp_path, cell):
    buffer = io.StringIO(newline="")
    rows = [("image", "patient_id", "findings"), ("a.png", "001", cell), ("b.png", "002", "ok")]
    csv.writer(buffer).writerows(rows)
    (tmp_path / "t.csv").write_bytes(buffer.getvalue().encode())
    table = read_table(tmp_path / "t.csv")
    assert [row["findings"] for row in table.rows] == [cell, "ok"]


def test_numbered_lines_are_no_rows_of_known_ids(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text('study,report\n1,"Seen:\n2, 3 nodules"\n2,x\n3,y\n')
    assert len(read_table(file).rows) == 3


@pytest.mark.parametrize("label", ["0", "12"])
def test_ids_and_labels_may_follow_a_report_of_several_lines(tmp_path, label):
    file = tmp_path / "t.csv"
    file.write_text(f'report,label\n"Clear.\nNo effusion.",{label}\nok,{label}\n"a\n",{label}\n')
    assert [row["label"] for row in read_table(file).rows] == [label] * 3
    file.write_text(f'report,label\n"Clear.\n{label}, {label}\nx",{label}\nok,{label}\n')
    assert len(read_table(file).rows) == 2


def test_a_quote_inside_a_plain_cell_is_text(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(HEADER + 'a.png,001,5" tube\nb.png,"002" ,"x" \n')
    assert [row["findings"] for row in read_table(file).rows] == ['5" tube', "x "]


def test_a_hostile_record_takes_linear_time():
    check = QuoteCheck(",", 3)
    assert "never closes" in check.fault(['"' + 'a""' * 400_000 + "\n"], 1)
    assert "inside a cell" in check.fault(['"a" ' * 300_000 + "\n"], 1)
    assert not check.fault([',""' * 300_000 + "\n"], 1)


def test_many_lines_that_look_like_rows_take_linear_time():
    lines = ["a,b,c\n", '1,"\n', *(f"x{number}, y, z\n" for number in range(100_000)), '",1\n']
    check = QuoteCheck(",", 3)
    check.suspect(lines[1:], 1)
    assert len(check.suspects) == 100_000
    assert {suspect.before for suspect in check.suspects} == {1}


words = st.text(st.sampled_from('ab ",;\n12'), max_size=10)


@settings(max_examples=200)
@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=4))
def test_what_csv_writes_has_no_fault(rows):
    for row in rows:
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerow(row)
        assert not QuoteCheck(",", 3).fault(buffer.getvalue().splitlines(keepends=True), 1)
