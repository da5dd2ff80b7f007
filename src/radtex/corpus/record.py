"""What a source tells about one image, and what a source is."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.splits import Split
from radtex.images import fit, read_image

View = Literal["PA", "AP", "LATERAL", "OTHER", ""]
Sex = Literal["F", "M", ""]


class Texts(TypedDict):
    """The texts of a study; "" where there is none."""

    indication: str
    findings: str
    impression: str
    report: str


@dataclass(frozen=True)
class Record:
    """One image with all that its archive says about it.

    source_path: where the image lies, relative to the source's root.
    view: "" is unknown; "OTHER" is neither frontal nor lateral.
    age: in years. labels: 1 present, 0 absent, −1 uncertain, None not stated.
    report: the raw text; text without sections stands in `findings` as well.
    split: the archive's own, or "". boxes: name, x, y, width, height in fractions of the image.
    flags: what was odd about the row; each is counted in the cohort flow.
    """

    image_id: str
    study_id: str
    patient_id: str
    source_path: str
    view: View = ""
    age: float | None = None
    sex: Sex = ""
    indication: str = ""
    findings: str = ""
    impression: str = ""
    report: str = ""
    split: Split | Literal[""] = ""
    labels: Mapping[str, int | None] = field(default_factory=dict)
    boxes: Sequence[Mapping[str, Any]] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rejection:
    """A row of a source that is no record. `row` is its image id, or its line where it has none."""

    row: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """All rows of a source in its own order, and what it found out about its layout.

    settings: names and values that go into `corpus.json` and are shown to the user.
    """

    entries: Sequence[Record | Rejection]
    settings: Mapping[str, Any] = field(default_factory=dict)


class Source(ABC):
    """An archive layout. Subclasses are frozen dataclasses that can be sent to other processes."""

    name: ClassVar[str]
    namespace: ClassVar[str]
    """Patient ids are unique within it; archives of the same patients share it."""
    default_size: ClassVar[int] = 256
    """Side of the stored images in pixels, where none is asked for."""

    @abstractmethod
    def listing(self, encoding: str) -> Listing:
        """Read the archive's tables, text in `encoding`.

        Raises `CorpusError` if they are missing or of another layout.
        """

    @abstractmethod
    def pixels(self, record: Record, size: int) -> tuple[NDArray[np.uint8], str]:
        """Return an image as uint8 (size, size), and the SHA-256 of what it was made from.

        Raises `ImageError`, or `OSError` if the file cannot be read.
        """

    @abstractmethod
    def state(self, record: Record) -> str:
        """Return what changes when the image behind a record does, without reading it."""


def file_pixels(path: Path, size: int) -> tuple[NDArray[np.uint8], str]:
    """Read an image file once: its pixels as uint8 (size, size), and its SHA-256."""
    data = path.read_bytes()
    return fit(read_image(data, enough=size), size), hashlib.sha256(data).hexdigest()


def file_state(path: Path) -> str:
    """Return size and time of change of a file; "missing" if there is none."""
    try:
        status = path.stat()
    except OSError:
        return "missing"
    return f"{status.st_size} {status.st_mtime_ns}"
