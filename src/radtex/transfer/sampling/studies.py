"""Studies, the unit of drawing and scoring: their images, patients and labels."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import LabelPolicy
from radtex.corpus.readings.label_sources import LABEL_SOURCES, TRUSTED, LabelSource
from radtex.corpus.readings.random_order import chosen_to_teach
from radtex.corpus.splits import SPLITS
from radtex.findings import EDEMA_COMPARISONS, EDEMA_SEVERITY, SUPPORT_DEVICES
from radtex.transfer.sampling.subgroups import groups_of

Selection = tuple[Corpus, NDArray[np.int64]]
"""A corpus and some of its rows."""
BLANK = len(LABEL_SOURCES)
"""In place of a source, where a label is blank."""


@dataclass(frozen=True)
class Studies:
    """n studies with the labels of t targets."""

    labels: NDArray[np.float32]
    """(n, t): 1, 0, or NaN where not definite."""
    patients: NDArray[np.int64]
    """(n,): patients numbered from 0."""
    study_of_image: NDArray[np.int64]
    """(images,): the study that each image belongs to."""
    proposed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    """(n,): whether `radtex next` chose a study for what it may teach, and chance would not have;
    empty where nothing was chosen so."""
    groups: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """Masks (n,) of studies that are looked at apart, by name."""
    sources: NDArray[np.int8] = field(default_factory=lambda: np.zeros((0, 0), np.int8))
    """(n, t): the place in LABEL_SOURCES of where a label comes from, of several images the first;
    BLANK where none has one, so that a policy alone may make it definite. Empty where unknown."""

    @property
    def first_images(self) -> NDArray[np.int64]:
        """(n,): the place of each study's first image among the images."""
        return np.unique(self.study_of_image, return_index=True)[1]

    @property
    def patient_count(self) -> int:
        """The number of patients."""
        return int(self.patients.max()) + 1

    def labelled(self, of_images: NDArray[np.float32]) -> "Studies":
        """Return them with other labels, (images, t): definite where all images have the same."""
        highest = np.full((len(self.patients), of_images.shape[1]), -np.inf, np.float32)
        lowest = np.full_like(highest, np.inf)
        np.maximum.at(highest, self.study_of_image, of_images)
        np.minimum.at(lowest, self.study_of_image, of_images)
        labels = np.where(highest == lowest, highest, np.nan).astype(np.float32)
        return replace(self, labels=labels)

    def count_sources(self, studies: NDArray[np.int64], target: int) -> dict[str, int]:
        """Count by source, and `blank`, the labels of some studies; nothing where none is known."""
        if not len(self.sources):
            return {}
        counts = np.bincount(self.sources[studies, target], minlength=BLANK + 1)
        return dict(zip((*LABEL_SOURCES, "blank"), counts.tolist(), strict=True))

    def average(self, image_features: Tensor) -> Tensor:
        """Mean over the images of each study: (images, D) to (n, D)."""
        study = torch.from_numpy(self.study_of_image).to(image_features.device)
        sums = image_features.new_zeros(len(self.labels), image_features.shape[1])
        sums.index_add_(0, study, image_features)
        return sums / torch.bincount(study, minlength=len(sums))[:, None]


def studies_of(
    corpus: Corpus,
    rows: NDArray[np.int64],
    targets: Sequence[str],
    policy: LabelPolicy,
    sources: Collection[LabelSource] = TRUSTED,
) -> Studies:
    """Gather images of a corpus into studies, in order of first appearance.

    A study has a definite label where all its images have the same one.

    Args:
        corpus: the corpus.
        rows: its images that are gathered.
        targets: names of labels.
        policy: what uncertain and blank labels count as.
        sources: whose labels count.

    Raises:
        CorpusError: if the corpus does not have the targets, or no label of them by these sources.
    """
    patients = corpus.patients[rows]
    keys = [
        (patient, study)
        for patient, study in zip(patients, corpus.index["study_id"].to_numpy()[rows], strict=True)
    ]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    study_of_image = np.array([numbers[key] for key in keys], np.int64)
    people = {patient: number for number, patient in enumerate(dict.fromkeys(patients))}

    devices = None
    if SUPPORT_DEVICES in corpus.label_names:
        devices = corpus.labels([SUPPORT_DEVICES], policy)[rows, 0]
    studies = Studies(
        labels=np.empty((len(numbers), 0), np.float32),
        patients=np.array([people[patient] for patient, _ in numbers], np.int64),
        study_of_image=study_of_image,
        proposed=_of_studies(chosen_to_teach(corpus, rows), study_of_image),
        groups=groups_of(corpus.index.iloc[rows], study_of_image, len(numbers), devices),
        sources=_sources(corpus, rows, targets, study_of_image, len(numbers)),
    )
    return studies.labelled(corpus.labels(targets, policy, sources)[rows])


def studies_in_splits(
    corpus: Corpus,
    rows: NDArray[np.int64],
    targets: Sequence[str],
    policy: LabelPolicy,
    sources: Collection[LabelSource] = TRUSTED,
) -> dict[str, int]:
    """Count the studies outside of some rows that have a definite label of a target, by split.

    Arguments are those of `studies_of`; splits without such a study are left out.
    """
    others = np.setdiff1d(np.arange(len(corpus.index)), rows)
    definite = ~np.isnan(corpus.labels(targets, policy, sources)[others]).all(1)
    counts = corpus.index.iloc[others[definite]].groupby("split")["study_id"].nunique()
    return {split: int(counts[split]) for split in SPLITS if split in counts}


def _sources(
    corpus: Corpus,
    rows: NDArray[np.int64],
    targets: Sequence[str],
    study_of_image: NDArray[np.int64],
    count: int,
) -> NDArray[np.int8]:
    """Return `Studies.sources` of images that belong to `count` studies."""
    names = [EDEMA_SEVERITY if target in EDEMA_COMPARISONS else target for target in targets]
    of_images = corpus.label_sources(names)[rows]
    places = np.full(of_images.shape, BLANK, np.int8)
    for place, source in enumerate(LABEL_SOURCES):
        places[of_images == source] = place
    first = np.full((count, len(targets)), BLANK, np.int8)
    np.minimum.at(first, study_of_image, places)
    return first


def _of_studies(images: NDArray[np.bool_], study_of_image: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether any image of each study has a mark; nothing where no image has it."""
    if not images.any():
        return np.zeros(0, bool)
    return np.bincount(study_of_image, images) > 0
