"""The radiographs to write about: files that a user names, or a split of a corpus."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.errors import ImageError, RunError
from radtex.images import Preprocessing
from radtex.models.storage import ModelDescription, read_config
from radtex.progress import progress_bar
from radtex.reports import TextPolicy

log = logging.getLogger(__name__)

SUFFIXES = {".png", ".jpg", ".jpeg", ".dcm", ".dicom", ""}
"""Of the files that are taken from a folder."""


@dataclass(frozen=True)
class Film:
    """A radiograph.

    Attributes:
        image_id: in a corpus its id, else the path of its file.
        pixels: uint8 (S, S); None where it cannot be read, and then `error` says why.
        facts: what else is known of it; from a corpus `reference`, `sections` and `corpus`.
    """

    image_id: str
    pixels: NDArray[np.uint8] | None
    error: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Films:
    """`count` films, read as they are needed."""

    films: Iterator[Film]
    count: int

    def batches(self, title: str, size: int) -> Iterator[list[Film]]:
        """Up to `size` films at a time, with progress.

        Raises `ImageError` at the end if none of them could be read.
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
            log.warning(
                "%d of %d images could not be read; their lines say why", len(unread), self.count
            )


def films_of(
    run: Path, names: Sequence[str], corpus: Path | None = None, split: str = "test"
) -> Films:
    """The films that a user named for `run`: image files, or a split of a corpus.

    Raises:
        RunError: if both or neither are named, or the run has learnt the references of the split.
        ImageError: if a folder holds no image.
        CorpusError: if the corpus is none, or has no such split.
    """
    if bool(names) == (corpus is not None):
        raise RunError("name either image files or a --corpus, one of both")
    if corpus is not None:
        return films_of_corpus(Corpus.open(corpus), split, run)
    return films_of_files(names, run)


def films_of_files(names: Sequence[str], run: Path) -> Films:
    """The image files that `names` mean (see `find_files`), read as the images of `run` were."""
    preprocessing = ModelDescription.read(read_config(run)["model"]).preprocessing
    paths = find_files(names)
    return Films((_read(path, preprocessing) for path in paths), len(paths))


def films_of_corpus(corpus: Corpus, split: str, run: Path) -> Films:
    """The images of a split, with their untouched references.

    Raises:
        CorpusError: if the corpus has no such split.
        RunError: if it is the split that `run` was trained on.
    """
    config = read_config(run)
    rows = corpus.rows(split)
    if split == "train" and config["corpus"]["content_hash"] == corpus.content_hash:
        raise RunError(
            f"{run} was trained on the split train of {corpus.path}, its references included; "
            "choose another --split"
        )
    expected, found = ModelDescription.read(config["model"]).preprocessing, corpus.preprocessing
    if (found.fit, found.intensity) != (expected.fit, expected.intensity):
        log.warning(
            "the images of %s are made with %s, %s; the run was trained on %s, %s",
            corpus.path,
            found.fit,
            found.intensity,
            expected.fit,
            expected.intensity,
        )
    policy = config["recipe"]["text"]["text_policy"]
    return Films((_of_corpus(corpus, row, policy) for row in rows), len(rows))


def find_files(names: Sequence[str]) -> list[Path]:
    """The files that names of files, folders and patterns (`films/*.png`) mean, each once.

    Of a folder, those that are not hidden and have a suffix of `SUFFIXES`, sorted. A name that
    means nothing is kept, so that reading it says so.

    Raises `ImageError` if a folder holds no such file.
    """
    files: dict[Path, None] = {}
    for name in names:
        for path in _matches(Path(name)) or [Path(name)]:
            files.update(dict.fromkeys(_in_folder(path) if path.is_dir() else [path]))
    return list(files)


def reference_sections(texts: Mapping[str, str], policy: TextPolicy) -> list[str]:
    """Which of findings, impression and the raw report make the reference, under a text policy.

    As in training: an empty section is replaced by the other one, an empty report by both.
    """
    there = [section for section in ("findings", "impression") if texts[section].strip()]
    match policy:
        case "full" if texts["report"].strip():
            return ["report"]
        case "findings" | "impression" if policy in there:
            return [policy]
    return there


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
        raise ImageError(f"{folder} holds no image; expected PNG, JPEG or DICOM files")
    return files


def _visible(root: Path, paths: Iterable[Path]) -> list[Path]:
    return sorted(
        path
        for path in paths
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def _read(path: Path, preprocessing: Preprocessing) -> Film:
    try:
        return Film(str(path), preprocessing.apply(path.read_bytes()))
    except ImageError as error:
        return Film(str(path), None, str(error))
    except OSError as error:
        return Film(str(path), None, f"the file cannot be read: {error.strerror}")


def _of_corpus(corpus: Corpus, row: int, policy: TextPolicy) -> Film:
    of_row: Mapping[Any, Any] = corpus.index.iloc[row].to_dict()
    sections = reference_sections(of_row, policy)
    return Film(
        of_row["image_id"],
        corpus.images[row],
        facts={
            "reference": "\n".join(of_row[section] for section in sections),
            "sections": sections,
            "corpus": str(corpus.path),
        },
    )
