"""Tables as CSV, packed or not, with any usual separator."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from radtex.corpus.record import Rejection
from radtex.corpus.tables.encodings import marked_encoding, not_text
from radtex.corpus.tables.packed import open_unpacked
from radtex.corpus.tables.quotes import QuoteCheck
from radtex.corpus.tables.separators import SEPARATORS, find_separator, fits, stated_separator
from radtex.corpus.tables.tables import Table, check_header
from radtex.errors import CorpusError

MISFIT = "row has not as many fields as the header"

_SAMPLE = 2**18
"""Characters from which separator and encoding are told."""
_LONGEST = 2**24
"""Characters of a cell; `csv` itself takes 131,072."""


def read_csv(path: Path, encoding: str) -> Table:
    """Read a CSV, packed or not, as `read_table` does."""
    with open_unpacked(path) as binary:
        marked = marked_encoding(binary, encoding)
        with io.TextIOWrapper(binary, marked, newline="") as text, _long_cells():
            try:
                table = _read(path, text)
            except UnicodeError as error:
                raise not_text(path, binary, encoding) from error
    if marked != encoding and marked != "utf-8-sig":
        table.settings["encoding"] = f"{marked}, by its byte order mark"
    return table


def _read(path: Path, text: TextIO) -> Table:
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
    records = _Records(path, text, separator, leading)
    names = [name.strip() for name in next(records, [])]
    while names and not names[-1]:
        names.pop()
    check_header(path, tuple(names))
    table = _table(path, names, records)
    if stated or separator != ",":
        table.settings["separator"] = SEPARATORS[separator]
    return table


def _table(path: Path, names: Sequence[str], records: "_Records") -> Table:
    records.check = check = QuoteCheck(records.separator, len(names))
    found = [(records.line, cells) for cells in records if any(map(str.strip, cells))]
    if fault := check.swallowed([cells for _, cells in found]):
        raise CorpusError(f"{path}: {fault}")
    header = ("", *names) if _has_row_names(names, [cells for _, cells in found]) else (*names,)
    rows: list[Mapping[str, str]] = []
    rejections = []
    for line, cells in found:
        if fits(cells, len(header)):
            rows.append(dict(zip(header, cells, strict=False)))
        else:
            rejections.append(Rejection(f"line {line}", MISFIT))
    return Table(path, header, rows, rejections)


def _has_row_names(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows begin with their numbers, which R writes without a name in the header."""
    numbers = (str(number) for number in range(1, len(rows) + 1))
    return bool(rows) and all(
        len(cells) == len(names) + 1 and cells[0] == number
        for cells, number in zip(rows, numbers, strict=True)
    )


class _Records(Iterator[list[str]]):
    """The records of a CSV, each with the line where it ends and checked for its quotes."""

    def __init__(self, path: Path, text: Iterable[str], separator: str, leading: int) -> None:
        self.separator = separator
        self.line = 0
        self.check = QuoteCheck(separator, 0)
        self._path = path
        self._lines: list[str] = []
        self._reader = csv.reader(self._remember(text), delimiter=separator)
        self._leading = leading

    def _remember(self, text: Iterable[str]) -> Iterator[str]:
        for line in text:
            self.line += 1
            if self.line > self._leading:
                self._lines.append(line)
                yield line

    def __next__(self) -> list[str]:
        self._lines.clear()
        try:
            cells = next(self._reader)
        except csv.Error as error:
            fault = self._fault() or f"near line {self.line} is no CSV: {error}"
            raise CorpusError(f"{self._path}: {fault}") from error
        if '"' in "".join(self._lines) and (fault := self._fault()):
            raise CorpusError(f"{self._path}: {fault}")
        return cells

    def _fault(self) -> str:
        return self.check.fault(self._lines, self.line - len(self._lines) + 1)


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let `csv` take cells of up to `_LONGEST` characters, such as long vectors of numbers."""
    before = csv.field_size_limit(_LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)
