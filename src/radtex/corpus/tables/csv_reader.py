"""Tables as CSV, packed or not, with any usual separator."""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import compress, islice
from pathlib import Path
from typing import NamedTuple, TextIO

from radtex.corpus.record import Rejection
from radtex.corpus.tables import packed
from radtex.corpus.tables.encodings import marked_encoding, not_text
from radtex.corpus.tables.packed import open_unpacked
from radtex.corpus.tables.quotes import QuoteCheck
from radtex.corpus.tables.separators import SEPARATORS, find_separator, fits, stated_separator
from radtex.corpus.tables.tables import ColumnRows, Table, check_header
from radtex.errors import CorpusError

MISFIT = "row has not as many fields as the header"
TOO_LONG = "row has a cell of more than {:,} characters"

_SAMPLE = 2**18
"""Characters from which separator and encoding are told."""
_LONGEST = 2**24
"""Characters that a cell may have: a row with a longer one is left out."""
_REMEMBERED = 2**12
"""Cells that are kept in mind, so that equal ones take no memory of their own."""


def read_csv(path: Path, encoding: str, only: Collection[str] | None = None) -> Table:
    """Read a CSV, packed or not, as `read_table` does."""
    with open_unpacked(path) as binary:
        marked = marked_encoding(binary, encoding)
        with io.TextIOWrapper(binary, marked, newline="") as text, _long_cells():
            try:
                table = _read(path, text, only)
            except UnicodeError as error:
                found = "utf-8" if marked == "utf-8-sig" else marked
                raise not_text(path, binary, found) from error
    if marked != encoding and marked != "utf-8-sig":
        table.settings["encoding"] = f"{marked}, by its byte order mark"
    return table


class _CSVRecord(NamedTuple):
    """One record of a CSV."""

    cells: list[str]
    end: int
    """The number of the line where it ends."""
    lines: Sequence[str]
    """Those that it stands on, with their ends."""


def _read(path: Path, text: TextIO, only: Collection[str] | None) -> Table:
    sample = io.StringIO(text.read(_SAMPLE), newline="").readlines()
    leading = 0
    while leading < len(sample) and not sample[leading].strip(" \t\r\n,;|"):
        leading += 1
    stated = stated_separator(sample[leading]) if leading < len(sample) else ""
    leading += bool(stated)
    if leading < len(sample) and "\0" in sample[leading]:
        raise UnicodeError("NUL characters in the first line")
    separator = stated or find_separator(sample[leading:])
    try:
        table = _table(path, partial(_strict, text, leading, separator), separator, only)
    except csv.Error:  # it may be a blank behind a quote, which does no harm
        read = partial(_checked, path, text, leading, separator)
        table = _table(path, read, separator, only)
    if stated or separator != ",":
        table.settings["separator"] = SEPARATORS[separator]
    return table


class _Lines(Iterator[str]):
    """The lines of a text; those since they were last taken are kept."""

    def __init__(self, text: TextIO, leading: int) -> None:
        text.seek(0)
        self._text = islice(text, leading, None)
        self._kept: list[str] = []

    def __next__(self) -> str:
        line = next(self._text)
        self._kept.append(line)
        return line

    def take(self) -> list[str]:
        kept, self._kept = self._kept, []
        return kept


def _strict(text: TextIO, leading: int, separator: str) -> Iterator[_CSVRecord]:
    lines = _Lines(text, leading)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    for cells in reader:
        yield _CSVRecord(cells, leading + reader.line_num, lines.take())


def _checked(path: Path, text: TextIO, leading: int, separator: str) -> Iterator[_CSVRecord]:
    """Do the same where `csv` takes anything, and refuse the first quote that is wrong."""
    check = QuoteCheck(separator)
    lines = _Lines(text, leading)
    reader = csv.reader(lines, delimiter=separator)
    before = leading
    try:
        for cells in reader:
            record = _CSVRecord(cells, leading + reader.line_num, lines.take())
            if fault := check.fault(record.lines, before + 1):
                raise CorpusError(f"{path}: {fault}")
            yield record
            before = record.end
    except csv.Error as error:
        fault = check.fault(lines.take(), before + 1)
        end = leading + reader.line_num
        raise CorpusError(f"{path}: {fault or f'near line {end} is no CSV: {error}'}") from error


def _table(
    path: Path,
    read: Callable[[], Iterator[_CSVRecord]],
    separator: str,
    only: Collection[str] | None,
) -> Table:
    table = None if only is None else _narrow(path, read(), separator, only)
    return _whole(path, read(), separator, only) if table is None else table


def _header(path: Path, records: Iterator[_CSVRecord]) -> list[str]:
    first = next(records, None)
    names = [] if first is None else [name.strip() for name in first.cells]
    while names and not names[-1]:
        names.pop()
    check_header(path, tuple(names))
    return names


def _narrow(
    path: Path, records: Iterator[_CSVRecord], separator: str, only: Collection[str]
) -> Table | None:
    """Return a table of some columns, without ever holding all cells.

    None where these must be seen: rows may begin with their numbers, or a quote may hide a row.
    """
    header = _header(path, records)
    check = QuoteCheck(separator, len(header))
    wanted = {name: place for place, name in enumerate(header) if name in only}
    columns: list[list[str]] = [[] for _ in wanted]
    places = [*zip((column.append for column in columns), wanted.values(), strict=True)]
    same: dict[str, str] = {}
    lines: list[int] = []
    rejections: list[Rejection] = []
    for cells, end, on in records:
        check.suspect(on, end - len(on))
        if not any(map(str.strip, cells)):
            continue
        if check.suspects or (not lines and len(cells) > len(header) and cells[0] == "1"):
            return None
        if problem := _problem(cells, len(header)):
            rejections.append(Rejection(f"line {end}", problem))
            continue
        lines.append(end)
        if len(same) > _REMEMBERED:
            same.clear()
        for add, place in places:
            cell = cells[place]
            add(same.setdefault(cell, cell))
    rows = ColumnRows(dict(zip(wanted, columns, strict=True)), len(lines))
    return Table(path, tuple(header), rows, rejections, lines=lines)


def _whole(
    path: Path,
    records: Iterator[_CSVRecord],
    separator: str,
    only: Collection[str] | None,
) -> Table:
    names = _header(path, records)
    check = QuoteCheck(separator, len(names))
    body: list[list[str]] = []
    ends: list[int] = []
    for cells, end, on in records:
        check.suspect(on, end - len(on))
        body.append(cells)
        ends.append(end)
    if fault := check.swallowed(body):
        raise CorpusError(f"{path}: {fault}")
    stated = [any(map(str.strip, cells)) for cells in body]
    last_lines = list(compress(ends, stated))
    body = list(compress(body, stated))
    header = ("", *names) if _has_row_names(names, body) else (*names,)
    problems = [_problem(cells, len(header)) for cells in body]
    fitting = [not problem for problem in problems]
    return Table(
        path,
        header,
        [
            {
                name: cell
                for name, cell in zip(header, cells, strict=False)
                if only is None or name in only
            }
            for cells in compress(body, fitting)
        ],
        [
            Rejection(f"line {line}", problem)
            for line, problem in zip(last_lines, problems, strict=True)
            if problem
        ],
        lines=[*compress(last_lines, fitting)],
    )


def _problem(cells: Sequence[str], columns: int) -> str:
    """Return why a row is left out; "" if it is taken."""
    if len(cells) != columns and not fits(cells, columns):
        return MISFIT
    return TOO_LONG.format(_LONGEST) if max(map(len, cells), default=0) > _LONGEST else ""


def _has_row_names(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows begin with their numbers, which R writes without a name in the header."""
    numbers = (str(number) for number in range(1, len(rows) + 1))
    return bool(rows) and all(
        len(cells) == len(names) + 1 and cells[0] == number
        for cells, number in zip(rows, numbers, strict=True)
    )


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let `csv` take cells of any length: by itself it refuses the table for one of 131,072."""
    before = csv.field_size_limit(packed.MAX_UNPACKED)
    try:
        yield
    finally:
        csv.field_size_limit(before)
