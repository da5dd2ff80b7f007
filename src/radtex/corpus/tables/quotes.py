"""Quotes in a CSV that hide rows: never closed, closed inside a cell, or closed rows too late."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

_MARKS = "._-/\\:"
"""What ids, dates and paths hold besides letters and digits."""
_QUOTED = re.compile(r'(?:[^"]|"")*+')
"""What of a line that begins inside a quoted cell belongs to the cell."""


@dataclass
class QuoteCheck:
    """Looks at the lines of each record that hold a quote; `csv` itself takes any quote."""

    separator: str
    """What stands between cells."""
    columns: int
    """How many there are."""
    suspects: list[tuple[int, int, list[str], int]] = field(default_factory=list)
    """Lines inside a quoted cell that have a cell for each column, or more, where a text has the
    separator too: the first line of the record, the line, its cells, and how many of them begin
    before the quote closes."""

    @cached_property
    def _field(self) -> re.Pattern[str]:
        separator = re.escape(self.separator)
        blank = " " if self.separator == "\t" else r" \t"
        return re.compile(rf'"(?:[^"]++|"")*+"[{blank}]*+|(?!")[^{separator}\r\n]*+|')

    @cached_property
    def _record(self) -> re.Pattern[str]:
        cell = f"(?:{self._field.pattern})"
        return re.compile(rf"{cell}(?:{re.escape(self.separator)}{cell})*+[\r\n]*")

    def fault(self, lines: Sequence[str], first: int) -> str:
        """Return what is wrong with the quotes of a record, or "".

        Args:
            lines: of the record, with their ends.
            first: the number of the first of them.
        """
        record = "".join(lines)
        if self._record.fullmatch(record):
            self._suspect(lines, first)
            return ""
        at = 0
        while (end := self._match_end(record, at)) < len(record) and record[end] == self.separator:
            at = end + 1
        return self._words(lines, first, record, at, end)

    def _match_end(self, record: str, at: int) -> int:
        found = self._field.match(record, at)
        return at if found is None else found.end()

    def _words(self, lines: Sequence[str], first: int, record: str, at: int, end: int) -> str:
        opened = _line_of(lines, first, at)
        if record[at:end].strip("\r\n"):
            closed = _line_of(lines, first, end - 1)
            return (
                f"line {opened} opens a quote that closes inside a cell, on line {closed}; "
                "mend the quotes there, and double those that belong to the text"
            )
        return (
            f"line {opened} opens a quote that never closes; close it, or, if it belongs to the "
            "text, double it and put the cell in quotes"
        )

    def _suspect(self, lines: Sequence[str], first: int) -> None:
        for number, line in enumerate(lines[1:], start=first + 1):
            cells = self._cells(line)[: self.columns]
            if len(cells) < self.columns or self.columns == 1:
                continue
            quoted = len(self._cells(_QUOTED.match(line)[0]))  # type: ignore[index]
            if any(map(_may_be_id, cells[:quoted])):
                self.suspects.append((first, number, cells, quoted))

    def _cells(self, line: str) -> list[str]:
        return next(csv.reader([line], delimiter=self.separator), [])

    def swallowed(self, rows: Sequence[Sequence[str]]) -> str:
        """Return which quote hides whole rows of the table, or "".

        A line inside a quoted cell is a row where its cells look like those of the columns that
        hold ids, paths, numbers or codes, and where one of them is an id of its own, which stands
        in no other row; a label, which stands in many, is none.

        Args:
            rows: the cells of all records.
        """
        if not self.suspects:
            return ""
        looks = [_look([row[at] for row in rows if at < len(row)]) for at in range(self.columns)]
        for first, number, cells, quoted in self.suspects:
            bare = [cell.strip(' "\r\n') for cell in cells]
            pairs = list(zip(looks, bare, strict=True))
            if any(look and look.new(cell) for look, cell in pairs[:quoted]) and all(
                look.fits(cell) for look, cell in pairs if look
            ):
                return (
                    f"the record of line {first} has a quote that runs on over line {number}, "
                    "which looks like a row of its own; close the quote, or, if that line is "
                    "text, save the table as .xlsx or .parquet"
                )
        return ""


@dataclass(frozen=True)
class _Look:
    """What the cells of a column of ids, paths, dates or numbers have in common."""

    values: frozenset[str]
    blanks: bool
    unique: bool
    ids: bool
    shortest: int
    longest: int
    holds: Sequence[Callable[[str], bool]]

    def fits(self, cell: str) -> bool:
        if not cell:
            return self.blanks
        return (
            not re.search(r"\s", cell)
            and self.shortest <= len(cell) <= self.longest + 1
            and all(test(cell) for test in self.holds)
            and not (self.unique and cell in self.values)
        )

    def new(self, cell: str) -> bool:
        return self.ids and bool(cell) and cell not in self.values


def _look(cells: Sequence[str]) -> _Look | None:
    """Return what cells have in common, but for those of several lines; None if they are words."""
    stated = [cell.strip() for cell in cells if "\n" not in cell and "\r" not in cell]
    values = [cell for cell in stated if cell]
    if not values or any(re.search(r"\s", value) for value in values):
        return None
    tests: list[Callable[[str], bool]] = [str.isdigit, _has_digit]
    tests += [lambda cell, mark=mark: mark in cell for mark in _MARKS]  # type: ignore[misc]
    holds = [test for test in tests if all(map(test, values))]
    if not holds:
        return None
    lengths = [len(value) for value in values]
    return _Look(
        values=frozenset(values),
        blanks=len(values) < len(stated),
        unique=len(set(values)) == len(values),
        ids=10 * len(set(values)) >= len(values),
        shortest=min(lengths),
        longest=max(lengths),
        holds=holds,
    )


def _may_be_id(cell: str) -> bool:
    """Tell whether a cell is one word with a digit or a mark, as what a `_Look` fits is."""
    word = cell.strip(' "\r\n')
    return not re.search(r"\s", word) and any(sign.isdigit() or sign in _MARKS for sign in word)


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _line_of(lines: Sequence[str], first: int, position: int) -> int:
    """Return the number of the line that holds a position of the joined lines."""
    ends = accumulate(map(len, lines))
    return first + sum(end <= position for end in ends)
