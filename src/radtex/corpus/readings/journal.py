"""The journal of a corpus: every table of labels that readers brought, a line each.

`labels.jsonl` stands beside the three files of a corpus, and its content hash does not count it.
Lines are only ever added: what a later table states goes before what an earlier one of the same
reader stated, and a table may be undone by a line that says so. The file is replaced as a whole,
so a kill leaves the old one or the new one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from radtex.errors import CorpusError
from radtex.files import sole_writer, write_text
from radtex.inputs import read_input

JOURNAL = "labels.jsonl"
LARGEST_JOURNAL = 2**28
"""Bytes of a file of readers' labels, at most."""
FORMAT = 1
"""Of a line."""


@dataclass(frozen=True)
class Readings:
    """What one reader states in one table."""

    table: int
    """Number of the table, from 1; those of several readers in one table share it."""
    reader: str
    """The reader's name."""
    images: Sequence[str]
    """The image ids of the m images that have a row."""
    values: Mapping[str, Sequence[int | None]]
    """By label, (m,): 1, 0, −1 uncertain, or None where the reader states nothing."""
    chosen_by: Sequence[str]
    """(m,): how `radtex next` chose each image; "" where the table does not tell."""
    replaces: bool = False
    """Whether all that the reader stated before is void."""
    when: str = ""
    """When it was brought, as ISO 8601."""
    file: str = ""
    """Name of the table."""
    file_sha256: str = ""
    """Of its bytes, in hex."""


@dataclass(frozen=True)
class Journal:
    """All that was brought and undone."""

    readings: Sequence[Readings] = ()
    """In the order in which they were brought."""
    undone: frozenset[int] = frozenset()
    """Numbers of the tables that were undone."""

    @property
    def standing(self) -> list[Readings]:
        """What was not undone."""
        return [each for each in self.readings if each.table not in self.undone]

    @property
    def last(self) -> int:
        """Number of the last table, 0 where there is none."""
        return max((each.table for each in self.readings), default=0)

    @property
    def readers(self) -> list[str]:
        """Names of the readers whose labels stand, in the order in which they came."""
        return list(dict.fromkeys(each.reader for each in self.standing))


def read_journal(corpus: Path) -> Journal:
    """Read the journal of a corpus, which need not be there.

    Raises:
        CorpusError: if it is damaged.
    """
    file = corpus / JOURNAL
    if not file.is_file():
        return Journal()
    readings: list[Readings] = []
    undone: set[int] = set()
    for number, line in enumerate(
        read_input(file, LARGEST_JOURNAL, CorpusError).splitlines(), start=1
    ):
        try:
            values = json.loads(line)
            if values.pop("format") != FORMAT:
                raise ValueError("another format")
            if "undoes" in values:
                undone.add(int(values["undoes"]))
                continue
            readings.append(_checked(Readings(**values)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise CorpusError(
                f"{file} is damaged in line {number}; restore it, or remove the file to go back to "
                "the labels of the build"
            ) from error
    return Journal(readings, frozenset(undone))


def add_readings(corpus: Path, readings: Sequence[Readings]) -> None:
    """Add what the readers of one table state.

    Args:
        corpus: its folder.
        readings: one for each reader; their `table` is set to the next free number.

    Raises:
        CorpusError: if the journal is damaged.
        OutputError: if it cannot be written, or another process writes it.
    """
    with sole_writer(corpus / JOURNAL):
        number = read_journal(corpus).last + 1
        _append(corpus, [asdict(each) | {"table": number} for each in readings])


def put_readings(corpus: Path, readings: Sequence[Readings], file: str) -> None:
    """Add what readers state now in place of what an earlier state of the same file stated.

    Args:
        corpus: its folder.
        readings: one for each reader; their `table` is set to the next free number.
        file: name of the file that they come from; its tables that stand are undone.

    Raises:
        CorpusError: if the journal is damaged.
        OutputError: if it cannot be written, or another process writes it.
    """
    with sole_writer(corpus / JOURNAL):
        journal = read_journal(corpus)
        earlier = sorted({each.table for each in journal.standing if each.file == file})
        undone: list[dict[str, Any]] = [{"undoes": table} for table in earlier]
        new = [asdict(each) | {"table": journal.last + 1, "file": file} for each in readings]
        _append(corpus, [*undone, *new])


def undo(corpus: Path) -> int:
    """Undo the last table that stands.

    Returns:
        Its number.

    Raises:
        CorpusError: if none stands, or the journal is damaged.
        OutputError: if it cannot be written, or another process writes it.
    """
    with sole_writer(corpus / JOURNAL):
        standing = [each.table for each in read_journal(corpus).standing]
        if not standing:
            raise CorpusError(f"{corpus} has no table of `radtex label` that could be undone")
        _append(corpus, [{"undoes": max(standing)}])
    return max(standing)


def _append(corpus: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    file = corpus / JOURNAL
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    added = (
        json.dumps({"format": FORMAT, **line}, ensure_ascii=False, allow_nan=False)
        for line in lines
    )
    write_text(file, text + "".join(f"{line}\n" for line in added))


def _checked(readings: Readings) -> Readings:
    count = len(readings.images)
    columns = [*readings.values.values(), readings.chosen_by]
    if any(len(column) != count for column in columns):
        raise ValueError("columns of several lengths")
    if any(value not in (1, 0, -1, None) for each in readings.values.values() for value in each):
        raise ValueError("a value that is no label")
    return readings
