"""What a server is told when it starts, and what it allows one request."""

from dataclasses import dataclass, field
from pathlib import Path

from radtex.images import MAX_PIXELS

MIB = 2**20
NOTICE = (
    "For research use. This is not a medical device; every answer needs a person who checks it."
)
"""Said in every answer, and on every page."""


@dataclass(frozen=True)
class Limits:
    """What a request may take."""

    upload_bytes: int = 64 * MIB
    """Of a body."""
    all_upload_bytes: int = 1024 * MIB
    """Of all bodies that are in memory; further ones are told to come back."""
    uploads: int = 512
    """Requests with a body at a time; further ones are told to come back."""
    upload_seconds: float = 60.0
    """From the first byte of a body to its last."""
    header_seconds: float = 10.0
    """From the first byte of a request to the end of its headers."""
    connections: int = 1024
    """At a time; then those go whose headers take longest to come."""
    pixels: int = MAX_PIXELS
    """Of an image, before it is decoded."""
    decode_seconds: float = 20.0
    """For decoding an upload; then its process is killed."""
    decode_bytes: int = 2048 * MIB
    """Memory that decoding may take beyond what an idle process has."""
    display_side: int = 1024
    """Pixels of the short side that the film shown on a page has, if the file holds as many."""
    decoders: int = 0
    """Processes that decode; 0 is one for each core, four at most."""
    in_flight: int = 256
    """Films that are worked on or wait; more are told to come back."""
    wait_seconds: float = 3.0
    """Films beyond those that can be answered within this time are told to come back."""
    batch: int = 16
    """Films that go through a model together."""
    batch_seconds: float = 0.02
    """How long a film waits for others, at the most, where others are on their way."""
    kept_studies: int = 64
    """Studies that are kept in memory for maps and questions."""
    kept_seconds: float = 900.0
    """How long they are kept."""


@dataclass(frozen=True)
class ServeSettings:
    """What a server is told when it starts."""

    models: tuple[Path, ...]
    """A run, a classifier, or one of each."""
    corpus: Path | None = None
    """Whose films may be chosen, and whose nearest ones are shown."""
    label: bool = False
    """Whether the films of the corpus may be labelled."""
    targets: tuple[str, ...] = ()
    """Findings to label; () for those of the classifier, else of the corpus."""
    host: str = "127.0.0.1"
    """Address that is listened at."""
    port: int = 8000
    """0 takes a free one."""
    token: str = field(default="", repr=False)
    """What a request must bring; "" for none."""
    names: tuple[str, ...] = ()
    """Further names that the server may be called by, as behind a reverse proxy."""
    pacs: str | None = None
    """Address of a DICOMweb service whose films may be chosen."""
    limits: Limits = field(default_factory=Limits)
    """What a request may take."""
