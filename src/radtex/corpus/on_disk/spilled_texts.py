"""Texts of many studies in a temporary file: all reports of an archive would fill the memory."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from struct import Struct

from radtex.corpus.record import Texts
from radtex.files import explain_write_errors

_LENGTHS = Struct("<4I")
"""Bytes of each of the texts, which stand behind it."""
_CODING = ("utf-8", "surrogatepass")
_parts: Callable[[Texts], tuple[str, ...]] = attrgetter(*(field.name for field in fields(Texts)))


class TextSpill:
    """A file without a name, which is gone as soon as nothing refers to it."""

    def __init__(self) -> None:
        """Make the file.

        Raises:
            OutputError: if the folder for temporary files cannot be written to.
        """
        self._folder = Path(tempfile.gettempdir())
        with explain_write_errors(self._folder):
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        self._end = self._written = 0
        self._last: tuple[int, Texts] = (-1, Texts())

    def add(self, texts: Texts) -> "SpilledTexts":
        """Put texts into the file, and return where they are.

        Raises:
            OutputError: if the disk is full.
        """
        parts = [text.encode(*_CODING) for text in _parts(texts)]
        data = b"".join((_LENGTHS.pack(*map(len, parts)), *parts))
        with explain_write_errors(self._folder):
            self._file.write(data)
        place = SpilledTexts(self, self._end, len(data))
        self._end += len(data)
        return place

    def read(self, start: int, size: int) -> Texts:
        """Return the texts that begin at a byte of the file."""
        at, texts = self._last
        if at == start:
            return texts
        if start + size > self._written:
            with explain_write_errors(self._folder):
                self._file.flush()
            self._written = self._end
        data = os.pread(self._file.fileno(), size, start)
        end, parts = _LENGTHS.size, []
        for length in _LENGTHS.unpack_from(data):
            parts.append(data[end : end + length].decode(*_CODING))
            end += length
        texts = Texts(*parts)
        self._last = start, texts
        return texts


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SpilledTexts:
    """Texts in a spill; the same to a reader as `Texts`, and pickled and compared as them."""

    spill: TextSpill
    """Where they are."""
    start: int
    """Their first byte in it."""
    size: int
    """Their bytes."""

    @property
    def whole(self) -> Texts:
        """The texts, read from the file."""
        return self.spill.read(self.start, self.size)

    @property
    def indication(self) -> str:
        """See `Texts`."""
        return self.whole.indication

    @property
    def findings(self) -> str:
        """See `Texts`."""
        return self.whole.findings

    @property
    def impression(self) -> str:
        """See `Texts`."""
        return self.whole.impression

    @property
    def report(self) -> str:
        """See `Texts`."""
        return self.whole.report

    def __eq__(self, other: object) -> bool:
        """Compare the texts themselves."""
        return self.whole == (other.whole if isinstance(other, SpilledTexts) else other)

    def __hash__(self) -> int:
        """Return the hash of the texts."""
        return hash(self.whole)

    def __repr__(self) -> str:
        """Return the texts' own."""
        return repr(self.whole)

    def __reduce__(self) -> tuple[Callable[..., Texts], tuple[str, ...]]:
        """Go to another process as `Texts`."""
        return Texts, _parts(self.whole)
