"""A corpus on disk: `index.parquet`, `images.npy` and `corpus.json` in one folder."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radtex.corpus.film_dataset import FilmDataset
from radtex.corpus.label_policies import LabelPolicy
from radtex.corpus.label_policies import label_policy as find_policy
from radtex.corpus.on_disk.corpus_files import (
    IMAGES_FILE,
    INDEX_FILE,
    INFO_FILE,
    content_hash,
    read_corpus,
)
from radtex.corpus.on_disk.corpus_files import INDEX_COLUMNS as INDEX_COLUMNS
from radtex.corpus.on_disk.corpus_files import write_corpus as write_corpus
from radtex.corpus.readings.apply import with_readings
from radtex.corpus.readings.journal import Journal, read_journal
from radtex.corpus.readings.label_sources import (
    LABEL_PREFIX,
    LABEL_SOURCES,
    TRUSTED,
    LabelSource,
    sources_of,
)
from radtex.corpus.splits import SPLITS
from radtex.errors import CorpusError
from radtex.findings import EDEMA_COMPARISONS, EDEMA_SEVERITY, compared, target_names
from radtex.images import Preprocessing

ACCESSION = "accession"


@dataclass(frozen=True, repr=False)
class Corpus:
    """Radiographs, their reports and labels; row i of `index` belongs to `images[i]`.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> import radtex
        >>> from radtex.corpus.build import build
        >>> from radtex.corpus.sources import open_source
        >>> folder = TemporaryDirectory()
        >>> path = Path(folder.name) / "corpus"
        >>> made = build(open_source("phantom", studies=16), path, size=64, workers=1)
        >>> corpus = radtex.Corpus.open(path)
        >>> corpus.images.shape
        (16, 64, 64)
        >>> "Edema" in corpus.label_names
        True
        >>> folder.cleanup()
    """

    path: Path
    """The folder."""
    index: pd.DataFrame
    """The columns `INDEX_COLUMNS`, and a nullable Int8 `label.<Name>` (1, 0, −1) for each label."""
    images: NDArray[np.uint8]
    """Read-only memory map, uint8 (N, S, S)."""
    info: dict[str, Any]
    """The content of `corpus.json`."""
    journal: Journal = field(default=Journal(), repr=False)
    """The labels that readers brought after the build; the index holds what follows from them."""

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open a corpus folder.

        Raises:
            CorpusError: if a file is missing or damaged, the files disagree, or one states what a
                build never writes.
        """
        path = Path(path)
        info, index, images = read_corpus(path)
        journal = read_journal(path)
        return cls(path, with_readings(index, journal), images, info, journal)

    def verify(self) -> None:
        """Compare the content with the hash that was taken when it was built.

        Raises:
            CorpusError: if index or images were changed since.
        """
        if content_hash(self.path) != self.content_hash:
            raise CorpusError(
                f"{self.path} was changed since it was built: {INDEX_FILE} and {IMAGES_FILE} do "
                f"not have the hash that {INFO_FILE} states; build it anew, or bring back a copy"
            )

    def __repr__(self) -> str:
        """Say in a line what it holds, and nothing of any patient."""
        splits = self.index["split"].value_counts()
        of_splits = ", ".join(f"{name} {splits[name]:,}" for name in SPLITS if name in splits)
        return (
            f"<Corpus: {len(self.index):,} images of {self.size} px, "
            f"{len(set(self.patients)):,} patients; {of_splits}; {len(self.label_names)} labels>"
        )

    @property
    def size(self) -> int:
        """Side of the square images, in pixels."""
        return int(self.info["size"])

    @property
    def preprocessing(self) -> Preprocessing:
        """How the image files became pixels."""
        options = self.info["options"]
        # The first corpora state neither; they were cropped, and not equalised.
        return Preprocessing(
            self.size, options.get("fit", "crop"), options.get("intensity", "window")
        )

    @property
    def mean(self) -> float:
        """Mean grey level, 0 to 255, of the train images (of all where there are none)."""
        return float(self.info["pixel_mean"])

    @property
    def std(self) -> float:
        """Standard deviation of the same grey levels."""
        return float(self.info["pixel_std"])

    @property
    def content_hash(self) -> str:
        """SHA-256, in hex, of the bytes of `index.parquet` followed by those of `images.npy`."""
        return str(self.info["content_hash"])

    @cached_property
    def labels_hash(self) -> str:
        """SHA-256, in hex, of names, values and sources of all labels, readers' included."""
        digest = hashlib.sha256()
        for name in sorted(self.label_names):
            values = self.index[LABEL_PREFIX + name].to_numpy(dtype=np.float32, na_value=np.nan)
            sources = sources_of(self.index, [name])[:, 0].tolist()
            digest.update(f"{name}\0{values.tolist()}\0{sources}\n".encode())
        return digest.hexdigest()

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of the labels, in the order of the index."""
        return tuple(
            column.removeprefix(LABEL_PREFIX)
            for column in self.index.columns
            if column.startswith(LABEL_PREFIX)
        )

    @property
    def patients(self) -> NDArray[np.object_]:
        """The patient of each row as "namespace:patient_id", shape (N,)."""
        return (self.index["patient_namespace"] + ":" + self.index["patient_id"]).to_numpy(object)

    def rows(self, split: str) -> NDArray[np.int64]:
        """Return the rows of one split, ascending.

        Raises:
            CorpusError: if the corpus has no rows of that split.
        """
        rows = np.flatnonzero(self.index["split"].to_numpy() == split).astype(np.int64)
        if not len(rows):
            there = [name for name in SPLITS if (self.index["split"] == name).any()]
            raise CorpusError(
                f"{self.path} has no split {split!r}; its splits are: {', '.join(there)}"
            )
        return rows

    def dataset(
        self,
        split: str,
        targets: Sequence[str] | str,
        *,
        label_policy: str = "paper",
        label_sources: Collection[LabelSource] = TRUSTED,
        missing: float = float("nan"),
    ) -> FilmDataset:
        """Make a `FilmDataset` of a split for PyTorch's `DataLoader`, with any number of workers.

        Labels that are not definite under the policy, or of other sources, are `missing`.
        """
        names = target_names([targets] if isinstance(targets, str) else targets)
        rows = self.rows(split)
        labels = self.labels(names, find_policy(label_policy), label_sources)[rows]
        labels = np.where(np.isnan(labels), np.float32(missing), labels)
        return FilmDataset(self.images, rows, labels, names, self.mean, self.std)

    def label_sources(self, names: Sequence[str]) -> NDArray[np.object_]:
        """Return where labels come from.

        Args:
            names: labels of the corpus.

        Returns:
            Shape (N, len(names)): a `LabelSource`, or "" where the label is blank.

        Raises:
            CorpusError: if the corpus has no such label.
        """
        self._require(names)
        return sources_of(self.index, names)

    def labels(
        self,
        names: Sequence[str],
        policy: LabelPolicy,
        sources: Collection[LabelSource] = LABEL_SOURCES,
    ) -> NDArray[np.float32]:
        """Return labels under a policy.

        Args:
            names: labels of the corpus, or comparisons of edema grades (`EDEMA_COMPARISONS`).
            policy: what uncertain and blank labels count as. A comparison is definite where there
                is a grade, whatever the policy.
            sources: whose labels count. Those of others are not definite, whatever the policy.

        Returns:
            Shape (N, len(names)): 1, 0, or NaN where not definite.

        Raises:
            CorpusError: if the corpus has no such label, or none of these sources, or the label
                holds grades.
        """
        values = self._labels(names, policy)
        if {*sources} == {*LABEL_SOURCES}:
            return values
        of = [EDEMA_SEVERITY if name in EDEMA_COMPARISONS else name for name in names]
        others = ~np.isin(self.label_sources(of), ["", *sources])
        for name, column, left_out in zip(names, values.T, others.T, strict=True):
            if left_out.any() and np.isnan(column[~left_out]).all():
                raise CorpusError(
                    f"the labels of {name} in {self.path} were read from its reports, and labels "
                    f"of {' and '.join(sources)} sources are asked for; bring labels by `radtex "
                    "label`, or take those too by --label-sources "
                    f"{' '.join(LABEL_SOURCES)}"
                )
        return np.where(others, np.float32(np.nan), values)

    def _labels(self, names: Sequence[str], policy: LabelPolicy) -> NDArray[np.float32]:
        plain = [name for name in names if name not in EDEMA_COMPARISONS]
        if len(plain) < len(names):
            values = np.empty((len(self.index), len(names)), np.float32)
            values[:, [name in EDEMA_COMPARISONS for name in names]] = self._comparisons(
                [name for name in names if name in EDEMA_COMPARISONS]
            )
            values[:, [name not in EDEMA_COMPARISONS for name in names]] = self._labels(
                plain, policy
            )
            return values
        self._require(names)
        columns = [LABEL_PREFIX + name for name in names]
        values = self.index[columns].to_numpy(dtype=np.float32, na_value=np.nan)
        for name, column in zip(names, values.T, strict=True):
            if (column > 1).any():
                raise CorpusError(
                    f"{name} holds grades up to {np.nanmax(column):.0f}, which are no labels of "
                    "1 and 0; name other targets, or the set `edema` for comparisons of its grades"
                )
        return policy.definite(values, names)

    def _require(self, names: Sequence[str]) -> None:
        unknown = [name for name in names if name not in self.label_names]
        if unknown:
            there = ", ".join(self.label_names) or "none"
            raise CorpusError(
                f"{self.path} has no labels {', '.join(unknown)}; its labels are: {there}"
            )

    def _comparisons(self, names: Sequence[str]) -> NDArray[np.float32]:
        if EDEMA_SEVERITY not in self.label_names:
            raise CorpusError(
                f"{self.path} has no {EDEMA_SEVERITY}, whose grades {names[0]} compares; build it "
                "from MIMIC-CXR with --severity, or name other targets"
            )
        column = self.index[LABEL_PREFIX + EDEMA_SEVERITY]
        grades = column.to_numpy(dtype=np.float32, na_value=np.nan)
        return np.stack([compared(grades, name) for name in names], 1)


def open_selection(
    text: Path | str, default_split: str, split: str | None = None
) -> tuple[Corpus, NDArray[np.int64]]:
    """Open a corpus and find the rows of one split.

    Args:
        text: "CORPUS" or "CORPUS:SPLIT".
        default_split: the split where none is named.
        split: named apart from `text`.

    Returns:
        The corpus, and the rows of the split, ascending.

    Raises:
        CorpusError: if there is no such corpus, it has no rows of that split, or two are named.
    """
    path, named = named_split(text)
    if named and split and named != split:
        raise CorpusError(f"{text} and --split {split} name two splits; leave one of them out")
    corpus = Corpus.open(path)
    return corpus, corpus.rows(named or split or default_split)


def named_split(text: Path | str) -> tuple[Path, str | None]:
    """Tell the folder from the split of "CORPUS" or "CORPUS:SPLIT"; None where it names none."""
    path, colon, split = str(text).rpartition(":")
    if not colon or Path(text).exists() or (split not in SPLITS and not Path(path).exists()):
        return Path(text), None
    return Path(path), split


def open_whole(text: Path | str, split: str, why: str) -> Corpus:
    """Open a corpus of which one split is used, whether or not the split is named.

    Args:
        text: "CORPUS" or "CORPUS:SPLIT".
        split: the only one that may be named.
        why: what is done with it, to tell whoever names another one.

    Raises:
        CorpusError: if there is no such corpus, or another split is named.
    """
    path, named = named_split(text)
    corpus = Corpus.open(path)
    if named is not None and named != split:
        corpus.rows(named)
        raise CorpusError(f"{text}: {why} split {split}; name {path}, or {path}:{split}")
    return corpus
