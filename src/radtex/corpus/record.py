"""What a source tells about one image, and what a source is."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.readings.label_sources import LabelSource
from radtex.corpus.splits import Split
from radtex.corpus.trees.path_cells import path_problem
from radtex.errors import CorpusError, ImageError
from radtex.images import MAX_FILE, Preprocessing
from radtex.inputs import read_input

if TYPE_CHECKING:
    from radtex.corpus.on_disk.spilled_texts import SpilledTexts

View = Literal["PA", "AP", "LATERAL", "OTHER", ""]
Sex = Literal["F", "M", ""]


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a study; "" where there is none."""

    indication: str = ""
    """Why the study was asked for."""
    findings: str = ""
    """What is seen; a report without sections stands here as a whole."""
    impression: str = ""
    """What it means, in short."""
    report: str = ""
    """The raw text."""

    def __getitem__(self, name: str) -> str:
        """Return a text by its name, as those who call `report_texts` from elsewhere ask for it.

        Raises:
            KeyError: if there is none of that name.
        """
        if name not in self.__slots__:
            raise KeyError(name)
        text: str = getattr(self, name)
        return text


NO_TEXTS = Texts()
"""Of a study without a report."""


@dataclass(frozen=True, slots=True)
class Record:
    """One image with all that its archive says about it."""

    image_id: str
    """Unique in the archive."""
    study_id: str
    """Shared by the images of one examination, and by their report; "" where not known."""
    patient_id: str
    """Unique in the source's namespace; "" where only a table that is joined may tell it."""
    source_path: str
    """Where the image lies, relative to the source's root."""
    view: View = ""
    """Unknown is ""; "OTHER" is neither frontal nor lateral."""
    age: float | None = None
    """Years; None where unknown."""
    sex: Sex = ""
    """Unknown is ""."""
    texts: "Texts | SpilledTexts" = NO_TEXTS
    """What was written of the study; its images share them."""
    split: Split | Literal[""] = ""
    """The archive's own, or ""."""
    labels: Mapping[str, int | None] = field(default_factory=dict)
    """By name: 1 present, 0 absent, −1 uncertain, None not stated."""
    label_sources: Mapping[str, LabelSource] = field(default_factory=dict)
    """By name: where a label comes from that is not the archive's."""
    boxes: Sequence[Mapping[str, Any]] = ()
    """Each has name, x, y, width and height, in fractions of the image."""
    flags: tuple[str, ...] = ()
    """What was odd about the row; each is counted in the cohort flow."""
    accession: str = ""
    """The hospital's number of the study; tables may be joined by it."""


@dataclass(frozen=True)
class Rejection:
    """A row of a source that is no record."""

    row: str
    """Its image id, or its line where it has none."""
    reason: str
    """Why it is left out, as the cohort flow says it."""
    wrong: bool = True
    """False for what is as it should be and only not wanted, such as an image of a hand."""


@dataclass(frozen=True)
class Listing:
    """All rows of a source, and what it found out about its layout."""

    entries: Sequence[Record | Rejection]
    """The rows, in the source's own order."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Names and values that go into `corpus.json` and are shown to the user."""
    columns: Sequence[str] = ()
    """Of a table that the user named: its columns."""
    places: Sequence[str] = ()
    """Of a table that the user named: where each entry stands in it, such as "line 3"."""

    def place_of_each(self) -> dict[str, str]:
        """Return where each entry stands, by its image id or what its row is called."""
        places = self.places or [f"row {number}" for number in range(1, len(self.entries) + 1)]
        named: dict[str, str] = {}
        for entry, place in zip(self.entries, places, strict=True):
            name = entry.row if isinstance(entry, Rejection) else entry.image_id
            named.setdefault(name, place)
        return named


class Decoded(NamedTuple):
    """An image as a corpus stores it, and what it was made from."""

    pixels: NDArray[np.uint8]
    """Grey levels, uint8 (size, size)."""
    sha256: str
    """Of what it was made from, in hex."""
    shape: tuple[int, int]
    """Height and width of the film before it became square, perhaps at a fraction of its size."""


class Source(ABC):
    """An archive layout. Subclasses are frozen dataclasses that can be sent to other processes."""

    name: ClassVar[str]
    """What `open_source` and the command line call it."""
    equalized: ClassVar[bool] = False
    """Whether the archive's images were histogram-equalised before it was published."""
    tabular: ClassVar[bool] = False
    """Whether it is a table whose columns the user may name."""
    published: ClassVar[bool] = False
    """Whether it is an archive that is given out, so that its patient ids are known to many."""
    expects: ClassVar[str]
    """One line: what must lie on disk."""
    origin: ClassVar[str]
    """One line: where the archive comes from, and on what terms."""

    @property
    @abstractmethod
    def namespace(self) -> str:
        """What patient ids are unique within; archives of the same patients share it."""

    @property
    def has_public_ids(self) -> bool:
        """Whether the patient ids are those of a public archive, and none that a site must hide."""
        return self.published

    @property
    def labels_from(self) -> LabelSource:
        """Where its labels come from: people, unless it is a published archive."""
        return "archive" if self.published else "human"

    @property
    def default_size(self) -> int:
        """Side of the stored images in pixels, where none is asked for."""
        return 256

    @abstractmethod
    def listing(self, encoding: str) -> Listing:
        """Read the archive's tables, where it has any.

        Args:
            encoding: of the text in the tables.

        Raises:
            CorpusError: if a table is missing or has another layout.
        """

    def with_reports(self, files: Path) -> "Source":
        """Return the same source, which reads the archive's own reports from a folder or a zip.

        Raises:
            CorpusError: if the archive has no such files.
        """
        raise CorpusError(
            f"source {self.name} has no report files of its own, so {files} must be a table"
        )

    @abstractmethod
    def pixels(self, record: Record, preprocessing: Preprocessing) -> Decoded:
        """Return an image, and what it was made from.

        Args:
            record: one of those in `listing`, perhaps without its texts and labels.
            preprocessing: how the image becomes square, and its size.

        Raises:
            ImageError: if the file is damaged, or no radiograph.
            OSError: if the file cannot be read.
        """

    @abstractmethod
    def state(self, record: Record) -> str:
        """Return what changes when the image behind a record does, without reading it."""


@dataclass(frozen=True)
class FileSource(Source):
    """A source whose records are image files below `folder`."""

    root: Path
    """The archive's folder."""

    @property
    def folder(self) -> Path:
        """What a record's `source_path` is relative to."""
        return self.root

    def first_file(self, *names: str) -> Path:
        """Return the first of these files that lies in the root.

        Raises:
            CorpusError: if none of them does.
        """
        for name in names:
            if (self.root / name).is_file():
                return self.root / name
        raise CorpusError(
            f"{self.root} is no {self.name} archive: it holds no {' or '.join(names)}"
        )

    def pixels(self, record: Record, preprocessing: Preprocessing) -> Decoded:
        """Return an image, and the SHA-256 of its file."""
        if problem := path_problem(record.source_path):
            raise ImageError(problem)
        data = read_input(self.folder / record.source_path, MAX_FILE, ImageError, "the image")
        pixels, shape = preprocessing.apply_and_measure(data)
        return Decoded(pixels, hashlib.sha256(data).hexdigest(), shape)

    def state(self, record: Record) -> str:
        """Return size and time of the image file, or that it is missing."""
        try:
            status = (self.folder / record.source_path).stat()
        except (OSError, ValueError):  # ValueError: a path with NUL
            return "missing"
        return f"{status.st_size} {status.st_mtime_ns}"
