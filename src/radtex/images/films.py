"""Radiographs one after another: the files that a user names, which threads read ahead."""

import glob
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

from radtex.errors import CorpusError, ImageError
from radtex.images.dicom_dataset import is_dicom
from radtex.images.header import read_header
from radtex.images.pictures import PICTURE_SUFFIXES
from radtex.images.preprocessing import Preprocessing
from radtex.images.reading import MAX_FILE
from radtex.inputs import NO_PLAIN_FILE, read_input
from radtex.printable import one_line
from radtex.progress import progress_bar
from radtex.walking import Tree, walk

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
    """Its id in a corpus, or the path of its file, escaped where it cannot be printed."""
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
        ImageError: if the names mean folders alone, and these hold no image.
    """
    found = find_files(names)
    return read_ahead(found, partial(_read, preprocessing=preprocessing))


def read_ahead(items: Sequence[T], read: Callable[[T], Film]) -> Films:
    """Read a film of each item, in their order; threads are ahead of what is asked for.

    Args:
        items: such as paths.
        read: reads one; what it raises, whoever asks for the film meets.
    """
    return Films(_ahead(items, read), len(items))


@dataclass(frozen=True)
class Found:
    """Something that a name means."""

    path: Path
    """A file, or what stands in place of one."""
    problem: str = ""
    """Why it is none that can be read."""


def find_files(names: Sequence[str]) -> list[Found]:
    """Return the files that some names mean, each once.

    A folder means the files in it, at any depth, that are not hidden and have a suffix of
    `SUFFIXES`, sorted; after them what may cost images: folders that may not be read, pipes that
    are called like images, broken links. A name that means nothing is kept, so that reading it says
    so, and so is a folder without images.

    Args:
        names: files, folders and patterns (`films/*.png`).

    Raises:
        ImageError: if the names mean folders alone, and these hold no image.
    """
    found: dict[Path, Found] = {}
    for name in names:
        for path in _matches(Path(name)) or [Path(name)]:
            for each in _in_folder(path) if _is_folder(path) else [Found(path)]:
                found.setdefault(each.path, each)
    if found and all(each.problem for each in found.values()):
        first = next(iter(found.values()))
        raise ImageError(f"{one_line(str(first.path))}: {first.problem}")
    return list(found.values())


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
    if _exists(pattern):
        return [pattern]
    if not glob.has_magic(str(pattern)):
        return []
    root = Path(pattern.anchor)
    try:
        return _visible(root, root.glob(str(pattern.relative_to(root))))
    except (OSError, ValueError, RecursionError):  # such as a pattern of a thousand folders
        return []


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _in_folder(folder: Path) -> list[Found]:
    try:
        tree = walk(folder)
    except CorpusError:
        return [Found(folder, "the folder may not be read")]
    files = [Found(folder / path) for path in tree.files if path.suffix.lower() in SUFFIXES]
    lost = list(_lost(folder, tree))
    if not files and not lost:
        return [Found(folder, "the folder holds no image; expected DICOM files or pictures")]
    return files + lost


def _lost(folder: Path, tree: Tree) -> Iterator[Found]:
    for left in tree.left_out:
        suffix = Path(left.path).suffix.lower()
        if left.wrong or (left.reason == NO_PLAIN_FILE and suffix in SUFFIXES - {""}):
            yield Found(folder / left.path, left.reason)


def _visible(root: Path, paths: Iterable[Path]) -> list[Path]:
    return sorted(
        path
        for path in paths
        if not _is_folder(path)
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def _read(found: Found, preprocessing: Preprocessing) -> Film:
    image_id = one_line(str(found.path))
    if found.problem:
        return Film(image_id, None, found.problem)
    belongs_to = NOBODYS
    try:
        data = read_input(found.path, MAX_FILE, ImageError, "the image")
        if is_dicom(data[:132]):
            belongs_to = _belonging(found.path)
        return Film(image_id, preprocessing.apply(data), belongs_to=belongs_to)
    except ImageError as error:
        return Film(image_id, None, str(error), belongs_to=belongs_to)
    except FileNotFoundError:
        return Film(image_id, None, "the file does not exist")
    except OSError as error:
        return Film(image_id, None, f"the file cannot be read: {error.strerror}")


def _belonging(path: Path) -> Belonging:
    try:
        header = read_header(path)
    except ImageError:  # its pixels may be read all the same; if not, reading them says why
        return NOBODYS
    return Belonging(header.study_uid, header.patient_id, header.accession)
