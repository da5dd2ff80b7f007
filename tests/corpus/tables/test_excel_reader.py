"""Tables as Excel workbooks."""

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from radtex.corpus.tables import read_table
from radtex.errors import CorpusError

SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"


def save(file: Path, *rows: list[object]) -> Workbook:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(file)
    return workbook


def test_cells_are_the_text_that_excel_shows(tmp_path):
    file = tmp_path / "t.xlsx"
    workbook = save(
        file,
        ["image ", "patient_id", "age", "taken", "ill", "note"],
        ["a.png", 42, 58.0, datetime(2024, 3, 1), True, "x\ny"],
        ["b.png", "007", 58.5, datetime(2024, 3, 1, 9, 5), False, "#N/A"],
        ["c.png", 1234567890123, None, None, None, " é "],
    )
    sheet = workbook.active
    sheet["B2"].number_format = "00000"
    sheet["F3"].data_type = "e"
    workbook.save(file)
    table = read_table(file)
    assert table.header == ("image", "patient_id", "age", "taken", "ill", "note")
    assert [list(row.values()) for row in table.rows] == [
        ["a.png", "00042", "58", "2024-03-01", "True", "x\ny"],
        ["b.png", "007", "58.5", "2024-03-01 09:05:00", "False", ""],
        ["c.png", "1234567890123", "", "", "", " é "],
    ]
    assert table.settings == {}


def test_titles_blank_rows_and_merged_cells_are_passed_over(tmp_path):
    file = tmp_path / "t.xlsx"
    workbook = save(file, [], ["Export of 2024"], [], ["a", "b", None], [1, None], [], [None, 2])
    workbook.active.merge_cells("A2:B2")
    workbook.save(file)
    table = read_table(file)
    assert table.rows == [{"a": "1", "b": ""}, {"a": "", "b": "2"}]


def test_a_table_of_one_column_has_its_header(tmp_path):
    save(tmp_path / "t.xlsx", ["image"], ["a.png"])
    assert read_table(tmp_path / "t.xlsx").rows == [{"image": "a.png"}]


def test_the_first_visible_sheet_with_cells_is_read_and_named(tmp_path):
    file = tmp_path / "t.xlsx"
    workbook = save(file, ["secret"], [1])
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet("empty")
    workbook.create_chartsheet("chart").add_chart(BarChart())
    workbook.create_sheet("Befunde").append(["a"])
    workbook["Befunde"].append(["x"])
    workbook.active = 1
    workbook.save(file)
    table = read_table(file)
    assert table.rows == [{"a": "x"}]
    assert table.settings == {"sheet": "'Befunde', one of 4"}


def test_a_formula_gives_the_value_that_was_saved(tmp_path):
    file = changed(tmp_path, SHEET, lambda data: data.replace(b"<v>1</v>", b"<f>3-1</f><v>2</v>"))
    assert read_table(file).rows == [{"a": "x", "b": "2"}]


def test_a_workbook_by_another_name_is_read(tmp_path):
    save(tmp_path / "t.xlsx", ["a", "b"], [1, 2])
    (tmp_path / "t.csv").write_bytes((tmp_path / "t.xlsx").read_bytes())
    assert read_table(tmp_path / "t.csv").rows == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("rows", "message"),
    [([], "no visible sheet with cells; its sheets are: Sheet"),
     ([["a", "b", "a"]], "names columns twice: a")],
)  # fmt: skip
def test_a_workbook_without_a_table_is_refused(tmp_path, rows, message):
    save(tmp_path / "t.xlsx", *rows)
    with pytest.raises(CorpusError, match=message):
        read_table(tmp_path / "t.xlsx")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"xl/workbook.bin": b""}, r"binary workbook \(.xlsb\); save it as .xlsx or CSV"),
        ({"mimetype": b"", "content.xml": b""}, "OpenDocument table"),
        ({"t.csv": b"a,b"}, "is a zip file, not a table; unpack it"),
        ({"xl/workbook.xml": b"<a/>"}, "damaged or no Excel workbook"),
    ],
)
def test_other_archives_are_refused_by_their_kind(tmp_path, parts, message):
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(CorpusError, match=message):
        read_table(tmp_path / "t.xlsx")


def changed(folder: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Return a workbook of a row, with one of its parts changed."""
    save(folder / "whole.xlsx", ["a", "b"], ["x", 1])
    with (
        zipfile.ZipFile(folder / "whole.xlsx") as whole,
        zipfile.ZipFile(folder / "t.xlsx", "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for entry in whole.infolist():
            data = whole.read(entry)
            archive.writestr(entry.filename, change(data) if entry.filename == part else data)
    return folder / "t.xlsx"


def row(number: int, column: str, cell: bytes) -> bytes:
    return b'<row r="%d"><c r="%s%d"%s</c></row>' % (number, column.encode(), number, cell)


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        b"<worksheet",
        HEAD + row(1, "A", b' t="s"><v>99</v>') + TAIL,
        HEAD + row(1, "A", b' s="99"><v>1</v>') + TAIL,
        HEAD + row(1, "ZZZZ", b"><v>1</v>") + TAIL,
        HEAD + row(1, "A", b"><v>x</v>") + TAIL,
        ENTITIES + HEAD + row(1, "A", b' t="str"><v>&b;</v>') + TAIL,
    ],
)
def test_a_damaged_or_hostile_sheet_is_refused_in_one_line(tmp_path, content):
    with pytest.raises(CorpusError, match="is damaged or no Excel workbook"):
        read_table(changed(tmp_path, SHEET, lambda _: content))


def test_a_row_or_a_size_that_no_sheet_has_is_refused(tmp_path, monkeypatch):
    far = HEAD + row(1, "A", b"><v>1</v>") + row(10**12, "A", b"><v>1</v>") + TAIL
    with pytest.raises(CorpusError, match="has more than 1,048,576 rows"):
        read_table(changed(tmp_path, SHEET, lambda _: far))
    large = changed(tmp_path, "xl/styles.xml", lambda data: data + b" " * 2**24)
    with pytest.raises(CorpusError, match="to a part that no table needs"):
        read_table(large)
    save(tmp_path / "t.xlsx", ["a", "b"], [1, 2])
    monkeypatch.setattr("radtex.corpus.tables.packed.MAX_UNPACKED", 1000)
    with pytest.raises(CorpusError, match="is larger than 1,000 bytes"):
        read_table(tmp_path / "t.xlsx")


def test_a_workbook_cut_short_is_refused(tmp_path):
    save(tmp_path / "whole.xlsx", ["a", "b"], [1, 2])
    data = (tmp_path / "whole.xlsx").read_bytes()
    for end in (4, 200, len(data) // 2, len(data) - 5):
        (tmp_path / "t.xlsx").write_bytes(data[:end])
        with pytest.raises(CorpusError, match="is damaged or no Excel workbook"):
            read_table(tmp_path / "t.xlsx")


def test_a_wrong_dimension_hides_no_cells(tmp_path):
    file = changed(tmp_path, SHEET, lambda data: data.replace(b'ref="A1:B2"', b'ref="A1"'))
    assert read_table(file).rows == [{"a": "x", "b": "1"}]
