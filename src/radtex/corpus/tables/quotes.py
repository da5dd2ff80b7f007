"""Quotes in a CSV that hide rows: never closed, closed inside a cell, or closed rows too late."""

import csv
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

_MARKS = "._-/\\:"
"""What ids, dates and paths hold besides letters and digits."""
_SPACE, _DIGIT = re.compile(r"\s"), re.compile(r"\d")
_ID = re.compile(rf"(?=\S*(\d|[{re.escape(_MARKS)}]\w))\S+")
"""One word with a digit, or a mark before its end, as what a `_Look` fits is."""
_QUOTED = re.compile(r'(?:[^"]|"")*+')
"""What of a line that begins inside a quoted cell belongs to the cell."""
_RARE = re.compile(r"(?!(19|20)\d\d$).{4,}", re.DOTALL)
"""Ids that are rare as the first word of a line of text: longer than "T12", and no year."""


class _Suspect(NamedTuple):
    """A line inside a quoted cell that may be a row of its own."""

    record: int  # the first line of the record
    line: int
    cells: Sequence[str]
    quoted: int  # cells that begin before the quote closes
    before: int  # columns before that of the quoted cell


@dataclass
class QuoteCheck:
    """Looks at the lines of records that hold a quote; `csv` itself takes any quote."""

    separator: str
    """What stands between cells."""
    columns: int = 0
    """How many there are."""
    suspects: list[_Suspect] = field(default_factory=list)
    """Lines inside a quoted cell that have a cell for each column, or more, where a text has the
    separator too; or that begin with what may be an id."""

    @cached_property
    def _field(self) -> re.Pattern[str]:
        separator = re.escape(self.separator)
        blank = " " if self.separator == "\t" else r" \t"
        return re.compile(rf'"(?:[^"]++|"")*+"[{blank}]*+|(?!")[^{separator}\r\n]*+|')

    @cached_property
    def _record(self) -> re.Pattern[str]:
        cell = f"(?:{self._field.pattern})"
        return re.compile(rf"{cell}(?:{re.escape(self.separator)}{cell})*+[\r\n]*")

    @cached_property
    def _id_first(self) -> re.Pattern[str]:
        marks, separator = re.escape(_MARKS), re.escape(self.separator)
        letter = rf'[^\s"{separator}]'
        return re.compile(rf'"?(?={letter}*?(\d|[{marks}]\w)){letter}++"?{separator}')

    def fault(self, lines: Sequence[str], first: int) -> str:
        """Return what is wrong with the quotes of a record, or "".

        Args:
            lines: of the record, with their ends.
            first: the number of the first of them.
        """
        record = "".join(lines)
        if self._record.fullmatch(record):
            return ""
        ends = list(self._cell_ends(record))
        at = ends[-2] + 1 if len(ends) > 1 else 0
        return self._words(lines, first, record, at, ends[-1])

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

    def suspect(self, lines: Sequence[str], before: int) -> None:
        """Take down the lines of a record that may be rows of their own, for `swallowed`.

        Args:
            lines: of the record, with their ends.
            before: how many lines of the file stand before it.
        """
        if self.columns < 2 or len(lines) < 2:
            return
        if places := [at for at in range(1, len(lines)) if self._stands_out(lines[at])]:
            self._look_at(lines, before, places)

    def _stands_out(self, line: str) -> bool:
        many = line.count(self.separator) >= self.columns - 1
        return many or self._id_first.match(line) is not None

    def _look_at(self, lines: Sequence[str], first: int, places: Sequence[int]) -> None:
        record = "".join(lines)
        line_starts = [0, *accumulate(map(len, lines))]
        cell_ends = list(self._cell_ends(record))
        for place in places:
            line = lines[place]
            cells = self._cells(line)
            quoted = len(self._cells(next(_QUOTED.finditer(line))[0]))
            words = (cell.strip(' "\r\n') for cell in cells[: min(quoted, self.columns)])
            if any(map(_ID.fullmatch, words)):
                before = bisect_left(cell_ends, line_starts[place])
                self.suspects.append(_Suspect(first + 1, first + place + 1, cells, quoted, before))

    def _cell_ends(self, record: str) -> Iterator[int]:
        """Yield where each cell of a record ends; at the first fault, that is the last."""
        at = 0
        while (end := self._match_end(record, at)) < len(record) and record[end] == self.separator:
            yield end
            at = end + 1
        yield end

    def _cells(self, line: str) -> list[str]:
        return next(csv.reader([line], delimiter=self.separator), [])

    def swallowed(self, rows: Sequence[Sequence[str]]) -> str:
        """Return which quote hides whole rows of the table, or "".

        A line inside a quoted cell is a row where its cells look like those of the columns that
        hold ids, paths, numbers or codes, and where one of them is an id of its own, which stands
        in no other row; a label, which stands in many, is none. A row whose text goes on in
        further lines is told by its cells before that text: two that look right, or a long id.

        Args:
            rows: the cells of all records.
        """
        if not self.suspects:
            return ""
        looks = [_look([row[at] for row in rows if at < len(row)]) for at in range(self.columns)]
        for suspect in self.suspects:
            bare = [cell.strip(' "\r\n') for cell in suspect.cells[: self.columns]]
            if _is_row(looks, bare, suspect.quoted) or _begins_row(looks, bare, suspect):
                return (
                    f"the record of line {suspect.record} has a quote that runs on over line "
                    f"{suspect.line}, which looks like a row of its own; close the quote, or, if "
                    "that line is text, save the table as .xlsx or .parquet"
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
    holds: Sequence[Callable[[str], object]]
    foreign: frozenset[str]  # marks that none holds

    def fits(self, cell: str, *, known: bool = False) -> bool:
        """Tell whether a cell looks alike; a known one stands among them already."""
        if not cell:
            return self.blanks
        return (
            not _SPACE.search(cell)
            and self.shortest <= len(cell) <= self.longest + 1
            and all(test(cell) for test in self.holds)
            and self.foreign.isdisjoint(cell)
            and (known or not (self.unique and cell in self.values))
        )

    def new(self, cell: str) -> bool:
        return self.ids and bool(cell) and cell not in self.values


def _look(cells: Sequence[str]) -> _Look | None:
    """Return what cells have in common, but for those of several lines; None if they are words."""
    stated = [cell.strip() for cell in cells if "\n" not in cell and "\r" not in cell]
    values = [cell for cell in stated if cell]
    signs = "".join(values)
    if not values or _SPACE.search(signs):
        return None
    tests: list[Callable[[str], object]] = [str.isdigit, _DIGIT.search]
    tests += [re.compile(re.escape(mark)).search for mark in _MARKS]
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
        foreign=frozenset(_MARKS).difference(signs),
    )


def _is_row(looks: Sequence[_Look | None], cells: Sequence[str], quoted: int) -> bool:
    """Tell whether a line has a cell for each column, all of which look right.

    Those from where the quote closes on are cells of the record as well.
    """
    pairs = list(zip(looks, cells, strict=False))
    return (
        len(cells) == len(looks)
        and any(look and look.new(cell) for look, cell in pairs[:quoted])
        and all(look.fits(cell) for look, cell in pairs[:quoted] if look)
        and all(look.fits(cell, known=True) for look, cell in pairs[quoted:] if look)
    )


def _begins_row(looks: Sequence[_Look | None], cells: Sequence[str], suspect: _Suspect) -> bool:
    """Tell whether a line begins with cells that look like those before its record's text."""
    before = suspect.before
    if before >= len(cells) or before > suspect.quoted:
        return False
    pairs = [(look, cell) for look, cell in zip(looks, cells[:before], strict=False) if look]
    return all(look.fits(cell) for look, cell in pairs) and any(
        look.new(cell) and (len(pairs) > 1 or bool(_RARE.match(cell))) for look, cell in pairs
    )


def _line_of(lines: Sequence[str], first: int, position: int) -> int:
    """Return the number of the line that holds a position of the joined lines."""
    ends = accumulate(map(len, lines))
    return first + sum(end <= position for end in ends)
