"""Reading a table, whatever kind of file it is."""

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from radtex.corpus.tables.csv_reader import read_csv
from radtex.corpus.tables.excel_reader import OLD_EXCEL, ZIP, read_excel
from radtex.corpus.tables.packed import opened_table
from radtex.corpus.tables.parquet_reader import PARQUET, read_parquet
from radtex.corpus.tables.tables import Table
from radtex.errors import CorpusError
from radtex.inputs import require_input
from radtex.spreadsheet_cells import unshielded

_WEB_PAGE = re.compile(rb"\s*<(!doctype|html|table|\?xml)", re.IGNORECASE)


def read_table(path: Path, encoding: str = "utf-8", only: Collection[str] | None = None) -> Table:
    """Read a table as text; blank and null cells are "", and blank rows are skipped.

    An apostrophe that shields text from being run is taken off (see `spreadsheet_cells`).

    The first bytes decide what a file is: Excel (.xlsx), Parquet, or else CSV, packed (.csv.gz) or
    not. A byte order mark goes before `encoding`.

    Args:
        path: the file.
        encoding: of the text in a CSV.
        only: columns whose cells are wanted; a CSV's others are in the header and not in the rows,
            where they would cost memory.

    Raises:
        CorpusError: if the file is missing, empty, no table, no plain file, not text in `encoding`,
            hides rows in a quote that does not close, or has more than `packed.MAX_UNPACKED` bytes,
            as it is or unpacked.
    """
    return _without_shields(_read(path, encoding, only))


def _read(path: Path, encoding: str, only: Collection[str] | None) -> Table:
    expected = "a table as CSV, Excel (.xlsx) or Parquet"
    require_input(path, CorpusError, expected)
    if path.is_dir():
        raise CorpusError(f"{path} is a folder; expected {expected}")
    with opened_table(path) as file:
        start = file.read(512)
    suffix = path.suffix.casefold()
    if start.startswith(PARQUET) or suffix == ".parquet":
        return read_parquet(path)
    if start.startswith(OLD_EXCEL):
        raise CorpusError(
            f"{path} is an old workbook (.xls) or one with a password; save it as .xlsx or CSV"
        )
    if start.startswith(ZIP) or suffix in (".xlsx", ".xlsm"):
        return read_excel(path)
    if _WEB_PAGE.match(start):
        raise CorpusError(f"{path} is a web page or XML; open it in Excel, and save it as .xlsx")
    return read_csv(path, encoding, only)


def _without_shields(table: Table) -> Table:
    if any(name.startswith("'") for name in table.header):
        header = tuple(map(unshielded, table.header))
        rows = [
            {unshielded(name): unshielded(cell) for name, cell in row.items()} for row in table.rows
        ]
        return replace(table, header=header, rows=rows)
    if not any(cell[:1] == "'" for row in table.rows for cell in row.values()):
        return table
    rows = [{name: unshielded(cell) for name, cell in row.items()} for row in table.rows]
    return replace(table, rows=rows)
