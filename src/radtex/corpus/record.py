"""What a source tells about one image, and what a source is."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, ClassVar, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.splits import Split
from radtex.errors import CorpusError
from radtex.images import Preprocessing

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
    accession: the hospital's number of the study; not stored, but a table of reports may use it.
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
    accession: str = ""


@dataclass(frozen=True)
class Rejection:
    """A row of a source that is no record. `row` is its image id, or its line where it has none.

    wrong: False for what is as it should be and only not wanted, such as an image of a hand.
    """

    row: str
    reason: str
    wrong: bool = True


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
    equalized: ClassVar[bool] = False
    """Whether the archive's images were histogram-equalised before it was published."""
    expects: ClassVar[str]
    """One line: what must lie on disk."""
    origin: ClassVar[str]
    """One line: where the archive comes from, and on what terms."""

    @property
    @abstractmethod
    def namespace(self) -> str:
        """Patient ids are unique within it; archives of the same patients share it."""

    @property
    def default_size(self) -> int:
        """Side of the stored images in pixels, where none is asked for."""
        return 256

    @abstractmethod
    def listing(self, encoding: str) -> Listing:
        """Read the archive's tables, where it has any, text in `encoding`.

        Raises `CorpusError` if they are missing or of another layout.
        """

    def with_reports(self, files: Path) -> "Source":
        """Return the same source, which reads the archive's own reports from a folder or a zip.

        Raises `CorpusError` if the archive has no such files.
        """
        raise CorpusError(
            f"source {self.name} has no report files of its own, so {files} must be a table"
        )

    @abstractmethod
    def pixels(self, record: Record, preprocessing: Preprocessing) -> tuple[NDArray[np.uint8], str]:
        """Return an image as uint8 (size, size), and the SHA-256 of what it was made from.

        Raises `ImageError`, or `OSError` if the file cannot be read.
        """

    @abstractmethod
    def state(self, record: Record) -> str:
        """Return what changes when the image behind a record does, without reading it."""


@dataclass(frozen=True)
class FileSource(Source):
    """A source whose records are image files below `folder`."""

    root: Path

    @property
    def folder(self) -> Path:
        """What a record's `source_path` is relative to."""
        return self.root

    def first_file(self, *names: str) -> Path:
        """Return the first of these files that lies in the root.

        Raises `CorpusError` if none does.
        """
        for name in names:
            if (self.root / name).is_file():
                return self.root / name
        raise CorpusError(
            f"{self.root} is no {self.name} archive: it holds no {' or '.join(names)}"
        )

    def visible_files(self) -> list[PurePath]:
        """Return all files below the root, relative to it and sorted.

        Hidden ones, and what macOS adds to an archive, are left out.
        """
        found = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
        return sorted(
            path
            for path in found
            if not any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
        )

    def pixels(self, record: Record, preprocessing: Preprocessing) -> tuple[NDArray[np.uint8], str]:
        data = (self.folder / record.source_path).read_bytes()
        return preprocessing.apply(data), hashlib.sha256(data).hexdigest()

    def state(self, record: Record) -> str:
        try:
            status = (self.folder / record.source_path).stat()
        except OSError:
            return "missing"
        return f"{status.st_size} {status.st_mtime_ns}"
