"""What a DICOM listener is told: who may send, how much, and where reports go."""

import re
from dataclasses import dataclass, field

from radtex.errors import RadtexError

_TITLE = re.compile(r"[!-\[\]-~](?:[ -\[\]-~]{0,14}[!-\[\]-~])?")
_PEER = re.compile(r"(?P<title>.+)@(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})")


@dataclass(frozen=True)
class Peer:
    """An application entity that reports are sent to."""

    title: str
    """Its AE title."""
    host: str
    """Name or address."""
    port: int
    """Of DICOM."""

    @classmethod
    def read(cls, text: str) -> "Peer":
        """Read AET@HOST:PORT.

        Raises:
            RadtexError: if it is none.
        """
        match = _PEER.fullmatch(text.strip())
        if not match or not 0 < int(match["port"]) < 65536:
            raise RadtexError(
                f"--dicom-peer {text!r} names no peer; expected AET@HOST:PORT, as PACS@10.0.0.7:104"
            )
        return cls(checked_title(match["title"]), match["host"].strip("[]"), int(match["port"]))


@dataclass(frozen=True)
class DicomLimits:
    """What one sender may take."""

    associations: int = 4
    """At a time; further ones are told to come back."""
    pdu_bytes: int = 1 << 16
    """Of a PDU that is asked for."""
    film_bytes: int = 2**27
    """Between two answers."""
    film_seconds: float = 60.0
    """From the first byte after an answer to the next answer."""
    idle_seconds: float = 30.0
    """Without anything sent."""
    waiting: int = 64
    """Reports that wait to be delivered."""


@dataclass(frozen=True)
class DicomSettings:
    """Where films come from, and where reports go."""

    port: int
    """To listen on; 0 takes a free one."""
    known_titles: tuple[str, ...]
    """AE titles that may send."""
    host: str = "127.0.0.1"
    """Address to listen at."""
    own_title: str = "RADTEX"
    """AE title that senders call."""
    peer: Peer | None = None
    """Takes the reports by C-STORE."""
    pacs: str | None = None
    """Takes the reports by STOW: the address of a DICOMweb service."""
    limits: DicomLimits = field(default_factory=DicomLimits)
    """What one sender may take."""

    def __post_init__(self) -> None:
        """Check that reports go somewhere, and that somebody may send.

        Raises:
            RadtexError: if not.
        """
        if self.peer is None and self.pacs is None:
            raise RadtexError(
                "films that are sent by DICOM come back as reports: say where to, by --dicom-peer "
                "AET@HOST:PORT or --pacs URL"
            )
        if not self.known_titles:
            raise RadtexError(
                "nobody may send films by DICOM yet: name the AE titles of those who may, by "
                "--dicom-from"
            )
        for title in (self.own_title, *self.known_titles):
            checked_title(title)


def checked_title(text: str) -> str:
    """Return an AE title.

    Raises:
        RadtexError: if it is none: 1 to 16 letters of ASCII, no backslash, no space around them.
    """
    if not _TITLE.fullmatch(text):
        raise RadtexError(
            f"{text!r} is no AE title; expected up to 16 letters of ASCII without a backslash"
        )
    return text
