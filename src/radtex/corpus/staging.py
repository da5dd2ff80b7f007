"""Decoded images wait in a folder beside the output, so that a killed build can go on."""

import hashlib
import shutil
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Self

import joblib
import numpy as np
from numpy.typing import NDArray

from radtex.compute.allocation import keep_some_freed_memory
from radtex.corpus.record import NO_TEXTS, Record, Source
from radtex.errors import ImageError, OutputError
from radtex.files import refuse_existing, sole_writer, whole_file, write_text
from radtex.images import Preprocessing
from radtex.inputs import why_unread
from radtex.progress import progress_bar

CHUNK = 64
"""Images decoded and stored as one: what a kill can cost each worker, and the most that one still
decodes while the others are done."""


@dataclass(frozen=True)
class Outcome:
    """What decoding a chunk of n records gave; a record either failed or was kept."""

    failures: NDArray[np.str_]
    """Why it failed, or "", for each record, shape (n,)."""
    sha256: NDArray[np.str_]
    """The hash of its source, or "", for each record, shape (n,)."""
    shapes: NDArray[np.int64]
    """Height and width of its film, or 0, for each record, int64 (n, 2)."""
    sums: NDArray[np.int64]
    """The sum of the grey levels of each kept image, and of their squares, int64 (kept, 2)."""


_CONTENTS = tuple(field.name for field in fields(Outcome))
"""Arrays of a chunk; one that another release left has others, and is not gone on with."""


@dataclass(frozen=True)
class Staging:
    """The finished chunks of one build, in a folder of their own."""

    folder: Path
    """Hidden, beside the output."""
    key: str
    """Of the build; part of each chunk's name, so that a worker that outlived another build can do
    no harm."""
    source: Source
    """What decodes the images."""
    records: Sequence[Record]
    """The images, in the order of the corpus."""
    preprocessing: Preprocessing
    """How image files become pixels."""

    @classmethod
    @contextmanager
    def open(
        cls,
        out: Path,
        source: Source,
        records: Sequence[Record],
        preprocessing: Preprocessing,
        plan: str,
    ) -> Iterator[Self]:
        """Make the folder beside `out`, or go on with the one that an earlier build left.

        Args:
            out: the corpus to make.
            source: what decodes the images.
            records: the images, in the order of the corpus.
            preprocessing: how image files become pixels.
            plan: all else that the build depends on.

        Yields:
            The staging; no other process builds `out` meanwhile.

        Raises:
            OutputError: if another process builds `out`, the earlier build had another plan or
                other records, or one of its image files has changed since.
        """
        folder = out.with_name(f".{out.name}.building")
        with sole_writer(out):
            refuse_existing(out)
            digest = hashlib.sha256(plan.encode())
            digest.update(repr((_CONTENTS, CHUNK)).encode())
            for record in records:
                digest.update(f"{record!r} {source.state(record)}\n".encode())
            key = digest.hexdigest()
            if not (folder / "key").exists():
                if folder.exists():  # its removal was cut short
                    shutil.rmtree(folder)
                write_text(folder / "key", key)
            elif (folder / "key").read_text(encoding="utf-8") != key:
                raise OutputError(
                    f"{folder} holds an unfinished build with other options, or its source has "
                    "changed since; repeat the command of that build, or remove the folder"
                )
            yield cls(folder, key, source, records, preprocessing)

    @property
    def assembly(self) -> Path:
        """Where the corpus is put together."""
        return self.folder / "corpus"

    def decode(self, workers: int | None) -> Generator[tuple[Sequence[Record], Outcome]]:
        """Decode what is not yet decoded.

        Args:
            workers: processes; None for one for each core.

        Yields:
            Each chunk of the records and its outcome, in order.
        """
        chunks = [self.records[at : at + CHUNK] for at in range(0, len(self.records), CHUNK)]
        parallel = joblib.Parallel(
            n_jobs=min(workers or joblib.cpu_count(), len(chunks)), return_as="generator"
        )
        tasks = (
            joblib.delayed(_decode_chunk)(
                self._file(number), self.source, [*map(_bare, chunk)], self.preprocessing
            )
            for number, chunk in enumerate(chunks)
        )
        with (
            warnings.catch_warnings(),
            closing(parallel(tasks)) as outcomes,
            progress_bar("reading images", len(self.records), "images") as bar,
        ):
            # joblib warns of unused results where a strict build stops early
            warnings.filterwarnings("ignore", category=UserWarning, module="joblib")
            for chunk, outcome in zip(chunks, outcomes, strict=True):
                yield chunk, outcome
                bar.advance(len(chunk))

    def pixels(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the kept images of each decoded chunk, uint8 (kept, S, S), in order."""
        for at in range(0, len(self.records), CHUNK):
            with np.load(self._file(at // CHUNK)) as chunk:
                yield chunk["pixels"]

    def remove(self) -> None:
        """Remove the folder with all it holds."""
        shutil.rmtree(self.folder)

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06}-{self.key[:12]}.npz"


def _bare(record: Record) -> Record:
    """Return a record without what no image is decoded by, so that little goes to the workers."""
    return replace(record, texts=NO_TEXTS, labels={}, label_sources={}, boxes=())


def _decode_chunk(
    file: Path, source: Source, records: Sequence[Record], preprocessing: Preprocessing
) -> Outcome:
    if file.exists():
        with np.load(file) as chunk:
            return Outcome(**{name: chunk[name] for name in _CONTENTS})
    keep_some_freed_memory()
    failures, hashes, shapes = [], [], []
    side = preprocessing.size
    pixels = np.empty((len(records), side, side), dtype=np.uint8)
    kept = 0
    for record in records:
        failure, sha256, shape = "", "", (0, 0)
        try:
            pixels[kept], sha256, shape = source.pixels(record, preprocessing)
            kept += 1
        except ImageError as error:
            failure = str(error)
        except OSError as error:
            failure = why_unread(error)
        failures.append(failure)
        hashes.append(sha256)
        shapes.append(shape)
    pixels = pixels[:kept]
    outcome = Outcome(np.array(failures), np.array(hashes), np.array(shapes), _sums(pixels))
    with whole_file(file) as aside, aside.open("wb") as handle:
        np.savez(handle, pixels=pixels, **vars(outcome))
    return outcome


def _sums(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    levels = np.arange(256)
    powers = np.stack([levels, levels**2], axis=1)
    counts = np.zeros((len(pixels), 256), dtype=np.int64)
    for count, image in zip(counts, pixels, strict=True):
        count[:] = np.bincount(image.ravel(), minlength=256)
    return counts @ powers
