"""The ledger of a corpus: every scoring of its splits, a line each.

A test that is looked at again and again becomes a development set, whoever looks. So each scoring
appends a line to `scorings.jsonl` in the corpus, or beside the results where the corpus cannot be
written. The file is none of the corpus's three: its content hash does not count it.
"""

import errno
import fcntl
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from radtex.errors import CorpusError, OutputError
from radtex.files import explain_write_errors, open_unfollowed
from radtex.inputs import read_input
from radtex.transfer.code_version import PROTOCOL_VERSION, code_version
from radtex.transfer.sampling.studies import Selection

SCORINGS = "scorings.jsonl"
LARGEST_LEDGER = 2**26
"""Bytes of the file, at most."""

_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.EISDIR}
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ledger:
    """What is known of the scorings of some splits of a corpus."""

    scorings: Sequence[Mapping[str, Any]]
    """The lines, oldest first."""
    unreadable: int
    """Lines that are damaged, and files that may not be read."""
    complete: bool = True
    """Whether the last scoring could be noted."""

    def sentence(self, splits: Sequence[str]) -> str:
        """Say how often the splits were scored."""
        named = f"split{'s' if len(splits) > 1 else ''} {', '.join(splits)}"
        if not self.scorings:
            return f"How often the {named} of this corpus was scored is not known."
        count = len(self.scorings) + (0 if self.complete else 1)
        times = "once" if count == 1 else f"{count} times"
        said = (
            f"The {named} of this corpus was scored {times}, this time included, first on "
            f"{min(str(line['when']) for line in self.scorings)[:10]} ({SCORINGS})."
        )
        if count > 1:
            said += " What was chosen in view of an earlier scoring is not tested by a later one."
        if self.unreadable:
            said += f" What cannot be read of it: {self.unreadable} more."
        return said


def note_scoring(
    selection: Selection, what: str, encoders: Sequence[str], out: Path | None, **details: Any
) -> str:
    """Append a line on the scoring of a selection, and say how often its splits were scored.

    The line names no patient and no image. It reaches the disk before this returns, and two
    processes may append at once. The sentence is logged: it differs each time, and results do not.

    Args:
        selection: the corpus and rows that were scored.
        what: the command.
        encoders: names of what was scored.
        out: what the results are written to, if anything; only its name is noted.
        details: what else the line holds (JSON values).

    Raises:
        OutputError: if the ledger can be opened but not written to.
    """
    corpus, rows = selection
    splits = sorted(corpus.index["split"].iloc[rows].unique().tolist())
    line = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "what": what,
        "splits": splits,
        "images": len(rows),
        "content_hash": corpus.content_hash,
        "encoders": list(encoders),
        **details,
        "out": None if out is None else out.name,
        "protocol_version": PROTOCOL_VERSION,
        **code_version(),
    }
    places = [corpus.path / SCORINGS]
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        places.append(out.parent / SCORINGS)
    noted = any(_append(place, line) for place in places)
    if not noted:
        _log.warning(
            "%s cannot be written, so this scoring of its split %s stands in no %s",
            corpus.path,
            ", ".join(splits),
            SCORINGS,
        )
    said = read_ledger(places, corpus.content_hash, splits, complete=noted).sentence(splits)
    _log.info("%s", said)
    return said


def read_ledger(
    places: Sequence[Path], content_hash: str, splits: Sequence[str], complete: bool = True
) -> Ledger:
    """Read what ledgers tell of some splits of a corpus.

    Args:
        places: files, which need not exist.
        content_hash: of the corpus.
        splits: a scoring of any of them counts.
        complete: see `Ledger`.
    """
    found: list[dict[str, Any]] = []
    unreadable = 0
    for place in places:
        try:
            texts = read_input(place, LARGEST_LEDGER, CorpusError).decode(errors="replace")
        except FileNotFoundError:
            continue
        except (OSError, CorpusError):
            unreadable += 1
            continue
        for text in texts.splitlines():
            try:
                line = json.loads(text)
                counts = line["content_hash"] == content_hash and set(splits) & set(line["splits"])
                if counts:
                    found.append({"when": str(line["when"])} | line)
            except (ValueError, KeyError, TypeError, RecursionError):
                unreadable += 1
    return Ledger(sorted(found, key=lambda line: str(line["when"])), unreadable, complete)


def _append(place: Path, line: Mapping[str, Any]) -> bool:
    """Append a whole line; False where nothing may be written."""
    data = (json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n").encode()
    with explain_write_errors(place):
        try:
            ledger = open_unfollowed(place, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        except OutputError:  # a link or a pipe was put there
            return False
        except OSError as error:
            if error.errno in _READ_ONLY:
                return False
            raise
        try:
            _lock(ledger)
            end = os.lseek(ledger, 0, os.SEEK_END)
            if end and os.pread(ledger, 1, end - 1) != b"\n":  # a writer was killed in its line
                data = b"\n" + data
            while data:
                data = data[os.write(ledger, data) :]
            os.fsync(ledger)
        finally:
            os.close(ledger)
    return True


def _lock(ledger: int) -> None:
    """Wait for the other writers; the lock ends with the file. Some file systems have none."""
    try:
        fcntl.flock(ledger, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
