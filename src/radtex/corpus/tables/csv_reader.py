"""Tables as CSV, packed or not, with any usual separator."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import compress
from pathlib import Path
from typing import TextIO

from radtex.corpus.record import Rejection
from radtex.corpus.tables import packed
from radtex.corpus.tables.encodings import marked_encoding, not_text
from radtex.corpus.tables.packed import open_unpacked
from radtex.corpus.tables.quotes import QuoteCheck
from radtex.corpus.tables.separators import SEPARATORS, find_separator, fits, stated_separator
from radtex.corpus.tables.tables import Table, check_header
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


def _read(path: Path, text: TextIO, only: Collection[str] | None) -> Table:
    sample = io.StringIO(text.read(_SAMPLE), newline="").readlines()
    text.seek(0)
    leading = 0
    while leading < len(sample) and not sample[leading].strip(" \t\r\n,;|"):
        leading += 1
    stated = stated_separator(sample[leading]) if leading < len(sample) else ""
    leading += bool(stated)
    if leading < len(sample) and "\0" in sample[leading]:
        raise UnicodeError("NUL characters in the first line")
    separator = stated or find_separator(sample[leading:])
    lines = text.readlines()
    table = _table(path, lines, *_records(path, lines, leading, separator), separator, only)
    if stated or separator != ",":
        table.settings["separator"] = SEPARATORS[separator]
    return table


def _records(
    path: Path, lines: Sequence[str], leading: int, separator: str
) -> tuple[list[list[str]], list[int]]:
    """Return the cells of each record, and the number of the line where it ends."""
    try:
        reader = csv.reader(lines[leading:], delimiter=separator, strict=True)
        records: list[list[str]] = []
        ends: list[int] = []
        for cells in reader:
            records.append(cells)
            ends.append(leading + reader.line_num)
    except csv.Error:  # it may be a blank behind a quote, which does no harm
        return _checked(path, lines, leading, separator)
    return records, ends


def _checked(
    path: Path, lines: Sequence[str], leading: int, separator: str
) -> tuple[list[list[str]], list[int]]:
    """Do the same where `csv` takes anything, and refuse the first quote that is wrong."""
    check = QuoteCheck(separator)
    reader = csv.reader(lines[leading:], delimiter=separator)
    records: list[list[str]] = []
    ends = [leading]
    try:
        for cells in reader:
            records.append(cells)
            ends.append(leading + reader.line_num)
            if fault := check.fault(lines[ends[-2] : ends[-1]], ends[-2] + 1):
                raise CorpusError(f"{path}: {fault}")
    except csv.Error as error:
        end = leading + reader.line_num
        fault = check.fault(lines[ends[-1] : end], ends[-1] + 1)
        raise CorpusError(f"{path}: {fault or f'near line {end} is no CSV: {error}'}") from error
    return records, ends[1:]


def _table(
    path: Path,
    lines: Sequence[str],
    records: Sequence[list[str]],
    ends: Sequence[int],
    separator: str,
    only: Collection[str] | None,
) -> Table:
    names = [name.strip() for name in next(iter(records), [])]
    while names and not names[-1]:
        names.pop()
    check_header(path, tuple(names))
    check = QuoteCheck(separator, len(names))
    check.suspect(lines, ends)
    body = records[1:]
    if fault := check.swallowed(body):
        raise CorpusError(f"{path}: {fault}")
    stated = [any(map(str.strip, cells)) for cells in body]
    last_lines = list(compress(ends[1:], stated))
    body = list(compress(body, stated))
    header = ("", *names) if _has_row_names(names, body) else (*names,)
    problems = [_problem(cells, len(header)) for cells in body]
    fitting = [not problem for problem in problems]
    return Table(
        path,
        header,
        _rows(header, compress(body, fitting), only),
        [
            Rejection(f"line {line}", problem)
            for line, problem in zip(last_lines, problems, strict=True)
            if problem
        ],
        lines=[*compress(last_lines, fitting)],
    )


def _rows(
    header: Sequence[str], records: Iterable[Sequence[str]], only: Collection[str] | None
) -> list[dict[str, str]]:
    """Return the wanted cells of each row; equal ones that follow each other are one object."""
    if only is None:
        return [dict(zip(header, cells, strict=False)) for cells in records]
    wanted = [(name, place) for place, name in enumerate(header) if name in only]
    same: dict[str, str] = {}
    rows = []
    for cells in records:
        if len(same) > _REMEMBERED:
            same.clear()
        rows.append({name: same.setdefault(cells[place], cells[place]) for name, place in wanted})
    return rows


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
