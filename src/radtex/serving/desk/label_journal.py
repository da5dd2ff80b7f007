"""Labels one at a time: a file that is only added to, each line on the disk before it is told.

`served_labels.jsonl` stands in the corpus, beside the journal of `radtex label`, and the content
hash does not count it. A line states what a reader says of one film, or undoes a line. Later lines
go before earlier ones by their place, not by their time, so that a clock that is set back changes
nothing. A line that a kill cut off was never acknowledged; it is left out, and stays.
"""

import errno
import fcntl
import json
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from radtex.corpus.readings.journal import LARGEST_JOURNAL, Readings
from radtex.errors import OutputError
from radtex.files import explain_write_errors, open_unfollowed

SERVED_LABELS = "served_labels.jsonl"
FORMAT = 1
"""Of a line."""
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LabelEntry:
    """What a reader says of a film at one time."""

    id: str
    """Chosen by who says it, so that saying it twice counts once."""
    reader: str
    """The reader's name."""
    film: str
    """The image id."""
    values: Mapping[str, int | None] = field(default_factory=dict)
    """By target: 1, 0, −1 uncertain; None takes a value back."""
    done: bool = False
    """Whether the reader has finished the film."""
    seconds: float | None = None
    """That the reader took for it."""
    chosen_by: str = ""
    """How `radtex next` chose the film."""
    report_seen: bool = False
    """Whether the reader had seen the film's report by then: such a label is the report's."""
    undoes: str = ""
    """The id of the entry that this one undoes."""
    when: str = ""
    """When it was saved, as ISO 8601; nothing depends on it."""


class LabelJournal:
    """The file of one corpus. Threads, tabs and processes may add to it at the same time."""

    def __init__(self, corpus: Path) -> None:
        """Read what is there.

        Raises:
            OutputError: if the file cannot be read, or something else stands in its place.
        """
        self.file = corpus / SERVED_LABELS
        self.damaged = 0
        """Lines that are left out."""
        self._entries: dict[str, LabelEntry] = {}
        self._offset, self._inode = 0, 0
        self._lock = threading.Lock()
        with self._lock:
            self._refresh()

    @property
    def standing(self) -> list[LabelEntry]:
        """What was not undone, in the order of the file."""
        with self._lock:
            self._refresh()
            undone = {each.undoes for each in self._entries.values()}
            return [e for e in self._entries.values() if not e.undoes and e.id not in undone]

    def add(self, entry: LabelEntry) -> LabelEntry:
        """Save an entry; it is on the disk when this returns.

        Returns:
            The entry as it stands there: an earlier one of the same id stays.

        Raises:
            OutputError: if it cannot be written; nothing of it is kept then.
        """
        when = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._lock, explain_write_errors(self.file):
            new = not self.file.exists()
            number = open_unfollowed(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            try:
                _lock_whole(number)
                self._refresh()
                if entry.id in self._entries:
                    return self._entries[entry.id]
                saved = LabelEntry(**(asdict(entry) | {"when": when}))
                _append(number, json.dumps({"format": FORMAT} | asdict(saved), ensure_ascii=False))
            finally:
                os.close(number)  # and with it the lock
            if new:
                _sync_folder(self.file.parent)
            self._refresh()
            return self._entries[entry.id]

    def _refresh(self) -> None:
        """Read what was added since the last time, by whomever."""
        try:
            with os.fdopen(open_unfollowed(self.file, os.O_RDONLY), "rb") as file:
                found = os.fstat(file.fileno())
                if found.st_size > LARGEST_JOURNAL:
                    raise OutputError(f"{self.file} is larger than {LARGEST_JOURNAL:,} bytes")
                if found.st_ino != self._inode or found.st_size < self._offset:
                    self._entries, self._offset, self.damaged = {}, 0, 0
                    self._inode = found.st_ino
                file.seek(self._offset)
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            self._entries, self._offset, self._inode = {}, 0, 0
            return
        except OSError as error:
            raise OutputError(f"{self.file} cannot be read: {error.strerror}") from error
        for line in lines[:-1]:  # what follows the last end of line is not whole yet
            self._offset += len(line) + 1
            if not line:
                continue
            try:
                entry = _read(line)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                self.damaged += 1
                _log.warning("a line of %s is damaged and left out", self.file.name)
            else:
                self._entries.setdefault(entry.id, entry)


def values_of(
    entries: Sequence[LabelEntry], reader: str | None = None
) -> dict[tuple[str, str], dict[str, int]]:
    """Return what each reader says last of each film.

    Args:
        entries: that stand, in the order of the file.
        reader: of one reader alone.

    Returns:
        By reader and film: the value of each target that has one.
    """
    said: dict[tuple[str, str], dict[str, int]] = {}
    for entry in entries:
        if reader is None or entry.reader == reader:
            own = said.setdefault((entry.reader, entry.film), {})
            for target, value in entry.values.items():
                own.pop(target, None)
                if value is not None:
                    own[target] = value
    return said


def seen_reports(entries: Sequence[LabelEntry]) -> set[tuple[str, str]]:
    """Return the readers and films of which something was said once the report had been seen.

    Args:
        entries: that stand.
    """
    return {(each.reader, each.film) for each in entries if each.report_seen and each.values}


def readings_of(entries: Sequence[LabelEntry], targets: Sequence[str]) -> list[Readings]:
    """Return what stands as tables of `radtex label`, one for each reader."""
    said = values_of(entries)
    chosen = {(each.reader, each.film): each.chosen_by for each in entries if each.chosen_by}
    readings = []
    for reader in dict.fromkeys(name for name, _ in said):
        films = [film for name, film in said if name == reader and said[name, film]]
        if films:
            values = {name: [said[reader, film].get(name) for film in films] for name in targets}
            how = [chosen.get((reader, film), "") for film in films]
            readings.append(Readings(0, reader, films, values, how, file=SERVED_LABELS))
    return readings


def _read(line: bytes) -> LabelEntry:
    values = json.loads(line)
    if values.pop("format") != FORMAT:
        raise ValueError("another format")
    entry = LabelEntry(**values)
    if any(value not in (1, 0, -1, None) for value in entry.values.values()):
        raise ValueError("a value that is no label")
    if not all(isinstance(text, str) for text in (entry.id, entry.reader, entry.film)):
        raise ValueError("a name that is no text")
    return entry


def _append(number: int, line: str) -> None:
    """Write a whole line at the end of an open file, or leave the file as it was."""
    size = os.fstat(number).st_size
    torn = size > 0 and os.pread(number, 1, size - 1) != b"\n"
    data = (b"\n" if torn else b"") + line.encode() + b"\n"
    try:
        written = os.write(number, data)
        if written < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(number)
    except OSError:
        os.ftruncate(number, size)
        raise


def _lock_whole(number: int) -> None:
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
