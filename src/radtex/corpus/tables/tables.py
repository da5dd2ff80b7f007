"""A table of text cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import overload

from radtex.corpus.record import Rejection
from radtex.corpus.tables.columns import COLUMN_NAMES, Columns, plain_name
from radtex.corpus.tables.shown_names import is_of_names, shown_columns
from radtex.errors import CorpusError

MAX_COLUMNS = 4096
"""Columns of a table; each costs memory in every row."""


@dataclass(frozen=True)
class ColumnRows(Sequence[Mapping[str, str]]):
    """The rows of a table that is kept by columns, which take less memory."""

    columns: Mapping[str, Sequence[str]]
    """The cells of each column, by its name."""
    length: int
    """How many rows there are."""

    @overload
    def __getitem__(self, row: int) -> Mapping[str, str]: ...

    @overload
    def __getitem__(self, row: slice) -> Sequence[Mapping[str, str]]: ...

    def __getitem__(self, row: int | slice) -> Mapping[str, str] | Sequence[Mapping[str, str]]:
        """Return the cells of a row, or of some rows."""
        if isinstance(row, slice):
            return [self[at] for at in range(self.length)[row]]
        at = range(self.length)[row]
        return {name: cells[at] for name, cells in self.columns.items()}

    def __iter__(self) -> Iterator[Mapping[str, str]]:
        """Iterate over the cells of each row."""
        if not self.columns:
            return iter([{}] * self.length)
        names = (*self.columns,)
        return (
            dict(zip(names, cells, strict=True))
            for cells in zip(*self.columns.values(), strict=True)
        )

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self.length


@dataclass(frozen=True)
class Table:
    """A table of text cells."""

    path: Path
    """Where it was read."""
    header: tuple[str, ...]
    """Names of the columns."""
    rows: Sequence[Mapping[str, str]]
    """The cells of each row, by column."""
    rejections: Sequence[Rejection] = ()
    """Lines of a CSV with fewer fields than the header, or more that are not blank."""
    settings: dict[str, str] = field(default_factory=dict)
    """What was concluded from the file and is not the usual, such as its separator, by name."""
    lines: Sequence[int] = ()
    """Where each row stands in its file: the line where it ends, or the row of the sheet."""

    def line(self, row: int) -> int:
        """Return where a row stands in its file; for a file without lines, below a header in 1."""
        return self.lines[row] if self.lines else row + 2

    def require(self, columns: Sequence[str]) -> None:
        """Refuse a table that lacks one of `columns`.

        Raises:
            CorpusError: if a column is missing; the message lists those there are.
        """
        missing = [column for column in columns if column not in self.header]
        if missing:
            raise CorpusError(
                f"{self.path} has no column {', '.join(missing)}; "
                f"its columns are: {shown_columns(self.header)}"
            )

    def guess_columns(self, given: Columns) -> Columns:
        """Complete the given columns by common names, in any case, with or without "_".

        Raises:
            CorpusError: if the table lacks a given column.
        """
        self.require(list(given.named.values()))
        plain = {plain_name(column): column for column in reversed(self.header)}
        found: dict[str, str | None] = {}
        for role in (role.name for role in fields(Columns)):
            guesses = (
                plain[plain_name(name)] for name in COLUMN_NAMES[role] if plain_name(name) in plain
            )
            found[role] = given.named.get(role) or next(guesses, None)
        return Columns(**found)


def check_header(path: Path, header: tuple[str, ...]) -> None:
    """Refuse a header without names, with one twice, or with more than `MAX_COLUMNS`."""
    if len(header) > MAX_COLUMNS:
        raise CorpusError(
            f"{path} has {len(header):,} columns; at most {MAX_COLUMNS:,} are read, so leave out "
            "those that are neither ids, texts nor labels"
        )
    if not any(header):
        raise CorpusError(f"{path} is empty; expected a header line of column names")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        named = ", ".join(twice)
        shown = named if is_of_names(header) else f"{len(twice)} of {len(header)}"
        raise CorpusError(f"{path} names columns twice: {shown}; rename one of each")
