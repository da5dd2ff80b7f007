"""Tables as Excel workbooks (.xlsx)."""

import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from radtex.corpus.tables import packed
from radtex.corpus.tables.cells import cell_text
from radtex.corpus.tables.tables import Table, check_header
from radtex.errors import CorpusError

if TYPE_CHECKING:
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""What a file begins with that is .xlsx, or .xls or protected by a password."""

_LARGE_PARTS = re.compile(
    r"xl/(worksheets/.*|sharedStrings\.xml|pivotCache/.*|media/.*)", re.IGNORECASE
)
_LARGEST_OTHER_PART = 2**24
"""Bytes of a part that is not read piece by piece, such as the styles."""
_ROWS = 2**20
_CELLS = 2**26
"""Rows of a sheet, which is Excel's own limit, and cells, of which each takes 16 bytes or more."""
_HEAD = 20
"""Rows among which the header is looked for."""


def read_excel(path: Path) -> Table:
    """Read a sheet of an Excel workbook, as `read_table` does.

    It is the first visible sheet with cells. Its header is the first row that names two columns or
    more, or else the first that names one. Formulas give the values that Excel last saved, errors
    such as #N/A are blank, and numbers shown with leading zeros keep them.
    """
    _refuse_other_zip(path)
    # What a damaged or hostile workbook raises is no closed list.
    try:
        from openpyxl import load_workbook

        with path.open("rb") as file, warnings.catch_warnings(action="ignore"):
            workbook = load_workbook(file, read_only=True, data_only=True)
            try:
                return _first_table(path, workbook)
            finally:
                workbook.close()
    except CorpusError:
        raise
    except Exception as error:
        raise CorpusError(
            f"{path} is damaged or no Excel workbook; open and save it anew, or save it as CSV"
        ) from error


def _refuse_other_zip(path: Path) -> None:
    """Refuse what is no workbook, and one that would unpack to more than a table takes."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise CorpusError(f"{path} is damaged or no Excel workbook; fetch it anew") from error
    names = {part.filename.casefold() for part in parts}
    if "xl/workbook.bin" in names:
        raise CorpusError(f"{path} is a binary workbook (.xlsb); save it as .xlsx or CSV")
    if "content.xml" in names:
        raise CorpusError(f"{path} is an OpenDocument table (.ods); save it as .xlsx or CSV")
    if not any(name.startswith("xl/") for name in names):
        raise CorpusError(f"{path} is a zip file, not a table; unpack it and name the table in it")
    if sum(part.file_size for part in parts) > packed.MAX_UNPACKED or any(
        part.file_size > _LARGEST_OTHER_PART
        for part in parts
        if not _LARGE_PARTS.fullmatch(part.filename)
    ):
        raise CorpusError(
            f"{path} unpacks to more than {packed.MAX_UNPACKED:,} bytes, or to a part that no "
            "table needs; save it as CSV"
        )


def _first_table(path: Path, workbook: "Workbook") -> Table:
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        sheet.reset_dimensions()  # many programs state them wrongly
        rows = [
            (number, cells)
            for number, cells in enumerate(_rows(path, sheet), start=1)
            if any(map(str.strip, cells))
        ]
        if not rows:
            continue
        settings = {}
        if len(workbook.sheetnames) > 1:
            settings["sheet"] = f"{sheet.title!r}, one of {len(workbook.sheetnames)}"
        return _table(path, rows, settings)
    raise CorpusError(
        f"{path} has no visible sheet with cells; its sheets are: {', '.join(workbook.sheetnames)}"
    )


def _rows(path: Path, sheet: "Worksheet") -> Iterator[list[str]]:
    seen = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        seen += len(cells)
        if number > _ROWS or seen > _CELLS:
            raise CorpusError(
                f"{path} has more than {_ROWS:,} rows or {_CELLS:,} cells; save it as CSV"
            )
        yield [_text(cell) for cell in cells]


def _table(
    path: Path, rows: Sequence[tuple[int, Sequence[str]]], settings: dict[str, str]
) -> Table:
    head = enumerate(rows[:_HEAD])
    start = next((at for at, (_, cells) in head if sum(map(bool, cells)) > 1), 0)
    names = [name.strip() for name in rows[start][1]]
    while names and not names[-1]:
        names.pop()
    header = tuple(names)
    check_header(path, header)
    blanks = [""] * len(header)
    below = rows[start + 1 :]
    body = [dict(zip(header, [*cells, *blanks], strict=False)) for _, cells in below]
    return Table(path, header, body, settings=settings, lines=[number for number, _ in below])


def _text(cell: "Cell | MergedCell") -> str:
    if cell.value is None or cell.data_type == "e":
        return ""
    if isinstance(cell.value, str):
        return cell.value.replace("_x000D_", "\r")
    text = cell_text(cell.value)
    shown = cell.number_format if text.isdecimal() else ""
    return text.zfill(len(shown)) if shown and not shown.strip("0") else text
