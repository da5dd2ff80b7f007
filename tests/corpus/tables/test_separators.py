"""What stands between cells."""

import pytest

from radtex.corpus.tables import read_table
from radtex.corpus.tables.separators import find_separator, fits, stated_separator


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        ("sep=;\r\n", ";"),
        ("SEP=,\n", ","),
        ('"sep=\t"\n', "\t"),
        ("sep=|", "|"),
        ("sep=;;;;\n", ";"),
        ("sep=x\n", ""),
        ("separate=;\n", ""),
        ("image;sep\n", ""),
    ],
)
def test_a_first_line_may_state_the_separator(line, separator):
    assert stated_separator(line) == separator


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("image,patient_id\na.png,1\n", ","),
        ("image;patient_id;age\na.png;1;58,5\n", ";"),
        ("image\tpatient_id\n", "\t"),
        ("image|patient_id\na|1\n", "|"),
        ("image;patient_id;age, years;text\na;1;58,5;x\nb;2;60,1;y\n", ";"),
        ("image,finding labels,a;b\nx,Mass|Nodule,1\ny,Mass|Nodule;Hernia,2\n", ","),
        ('a,"x;y;z;w"\n1,2\n', ","),
        ("report\nClear; normal, both\n", ","),
        ("a;b,c,d\n1;2\n3;4\n", ";"),
        ("", ","),
        ("a,b\n" + "x" * 200_000 + ",1\n", ","),
    ],
)
def test_the_header_and_most_rows_tell_the_separator(text, separator):
    assert find_separator(text.splitlines(keepends=True)) == separator


@pytest.mark.parametrize(
    ("cells", "agrees"), [(["1", "2"], True), (["1", "2", " "], True), (["1"], False),
                          (["1", "2", "x"], False)]
)  # fmt: skip
def test_a_row_fits_if_nothing_stands_beyond_the_header(cells, agrees):
    assert fits(cells, 2) == agrees


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolon"), ("\t", "tab")])
@pytest.mark.parametrize("stated", [False, True])
def test_an_unusual_separator_is_shown(tmp_path, separator, name, stated):
    file = tmp_path / "t.csv"
    first = f"sep={separator}\n" if stated else ""
    file.write_text(first + "a,b,c\n1,58|5,x\n".replace(",", separator).replace("|", ","))
    table = read_table(file)
    assert table.rows == [{"a": "1", "b": "58,5", "c": "x"}]
    assert table.settings == {"separator": name}


def test_a_comma_is_shown_where_the_first_line_states_it(tmp_path):
    (tmp_path / "t.csv").write_text("sep=,\na,b\n1,2\n")
    table = read_table(tmp_path / "t.csv")
    assert (table.header, table.settings) == (("a", "b"), {"separator": "comma"})
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    assert read_table(tmp_path / "t.csv").settings == {}


def test_the_text_that_excel_saves_as_unicode_is_read(tmp_path):
    (tmp_path / "t.txt").write_bytes("\r\nsep=\t\r\na\tb\r\n1\tgroß\r\n".encode("utf-16"))
    table = read_table(tmp_path / "t.txt")
    assert table.rows == [{"a": "1", "b": "groß"}]
    assert table.settings["separator"] == "tab"
