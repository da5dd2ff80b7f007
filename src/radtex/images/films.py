"""Radiographs one after another: the files that a user names, which threads read ahead."""

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ImageError
from radtex.images.dicom_dataset import is_dicom
from radtex.images.header import read_header
from radtex.images.pictures import PICTURE_SUFFIXES
from radtex.images.preprocessing import Preprocessing
from radtex.progress import progress_bar

T = TypeVar("T")
_log = logging.getLogger(__name__)

SUFFIXES = {*PICTURE_SUFFIXES, ".dcm", ".dicom", ""}
"""Suffixes of the files that are taken from a folder."""

_READERS, _AHEAD = 8, 64
"""Threads at the most, and images that are decoded before they are asked for."""


@dataclass(frozen=True)
class Belonging:
    """Whose a file is, by its own header; "" where it does not say."""

    study: str = ""
    """StudyInstanceUID."""
    patient: str = ""
    """PatientID."""
    accession: str = ""
    """AccessionNumber."""


NOBODYS = Belonging()
"""Of a file without a header."""


@dataclass(frozen=True)
class Film:
    """A radiograph."""

    image_id: str
    """Its id in a corpus, or the path of its file."""
    pixels: NDArray[np.uint8] | None
    """Grey levels, uint8 (S, S); None where they cannot be read."""
    error: str = ""
    """Why the pixels cannot be read."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else is known of it; for one of a corpus, `reference`, `sections` and `corpus`."""
    belongs_to: Belonging = NOBODYS
    """What the header of its file says; blank for a picture."""


@dataclass(frozen=True)
class Films:
    """Films that are read as they are needed."""

    films: Iterator[Film]
    """The films; they can be read once."""
    count: int
    """How many they are."""

    def batches(self, title: str, size: int) -> Iterator[list[Film]]:
        """Yield the films in batches, and show progress.

        Args:
            title: what the progress bar says.
            size: films in a batch; the last one may hold fewer.

        Yields:
            The next films, in their order.

        Raises:
            ImageError: at the end, if none of the films could be read.
        """
        unread: list[Film] = []
        with progress_bar(title, self.count, "images") as bar:
            while batch := list(islice(self.films, size)):
                yield batch
                unread += [film for film in batch if film.pixels is None]
                bar.advance(len(batch))
        if len(unread) == self.count:
            raise ImageError(
                f"none of the {self.count} images could be read; "
                f"the first, {unread[0].image_id}: {unread[0].error}"
            )
        if unread:
            _log.warning(
                "%d of %d images could not be read; their lines say why", len(unread), self.count
            )


def read_films(names: Sequence[str], preprocessing: Preprocessing) -> Films:
    """Read the image files that some names mean, in their order.

    Threads decode ahead of what is asked for, while earlier images are in use.

    Args:
        names: files, folders and patterns, as in `find_files`.
        preprocessing: how the images become pixels.

    Raises:
        ImageError: if a folder holds no image.
    """
    paths = find_files(names)
    return read_ahead(paths, partial(_read, preprocessing=preprocessing))


def read_ahead(items: Sequence[T], read: Callable[[T], Film]) -> Films:
    """Read a film of each item, in their order; threads are ahead of what is asked for.

    Args:
        items: such as paths.
        read: reads one; what it raises, whoever asks for the film meets.
    """
    return Films(_ahead(items, read), len(items))


def find_files(names: Sequence[str]) -> list[Path]:
    """Return the files that some names mean, each once.

    A folder means the files in it, at any depth, that are not hidden and have a suffix of
    `SUFFIXES`, sorted. A name that means nothing is kept, so that reading it says so.

    Args:
        names: files, folders and patterns (`films/*.png`).

    Raises:
        ImageError: if a folder holds no such file.
    """
    files: dict[Path, None] = {}
    for name in names:
        for path in _matches(Path(name)) or [Path(name)]:
            files.update(dict.fromkeys(_in_folder(path) if path.is_dir() else [path]))
    return list(files)


def _ahead(items: Sequence[T], read: Callable[[T], Film]) -> Iterator[Film]:
    left = iter(items)
    with ThreadPoolExecutor(min(_READERS, os.cpu_count() or 1)) as readers:
        reading: deque[Future[Film]] = deque()
        try:
            while True:
                for item in islice(left, _AHEAD - len(reading)):
                    reading.append(readers.submit(read, item))
                if not reading:
                    return
                yield reading.popleft().result()
        finally:
            readers.shutdown(wait=False, cancel_futures=True)


def _matches(pattern: Path) -> list[Path]:
    if pattern.exists():
        return [pattern]
    root = Path(pattern.anchor)
    return _visible(root, root.glob(str(pattern.relative_to(root))))


def _in_folder(folder: Path) -> list[Path]:
    files = [
        path for path in _visible(folder, folder.rglob("*")) if path.suffix.lower() in SUFFIXES
    ]
    if not files:
        raise ImageError(f"{folder} holds no image; expected DICOM files or pictures")
    return files


def _visible(root: Path, paths: Iterable[Path]) -> list[Path]:
    return sorted(
        path
        for path in paths
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def _read(path: Path, preprocessing: Preprocessing) -> Film:
    belongs_to = NOBODYS
    try:
        data = path.read_bytes()
        if is_dicom(data[:132]):
            belongs_to = _belonging(path)
        return Film(str(path), preprocessing.apply(data), belongs_to=belongs_to)
    except ImageError as error:
        return Film(str(path), None, str(error), belongs_to=belongs_to)
    except FileNotFoundError:
        return Film(str(path), None, "the file does not exist")
    except OSError as error:
        return Film(str(path), None, f"the file cannot be read: {error.strerror}")


def _belonging(path: Path) -> Belonging:
    try:
        header = read_header(path)
    except ImageError:  # its pixels may be read all the same; if not, reading them says why
        return NOBODYS
    return Belonging(header.study_uid, header.patient_id, header.accession)
