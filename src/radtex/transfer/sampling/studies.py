"""Studies, the unit of drawing and scoring: their images, patients and labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import LabelPolicy
from radtex.findings import SUPPORT_DEVICES
from radtex.transfer.sampling.subgroups import groups_of

Selection = tuple[Corpus, NDArray[np.int64]]
"""A corpus and some of its rows."""


@dataclass(frozen=True)
class Studies:
    """n studies with the labels of t targets."""

    labels: NDArray[np.float32]
    """(n, t): 1, 0, or NaN where not definite."""
    patients: NDArray[np.int64]
    """(n,): patients numbered from 0."""
    study_of_image: NDArray[np.int64]
    """(images,): the study that each image belongs to."""
    groups: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """Masks (n,) of studies that are looked at apart, by name."""

    @property
    def first_images(self) -> NDArray[np.int64]:
        """(n,): the place of each study's first image among the images."""
        return np.unique(self.study_of_image, return_index=True)[1]

    @property
    def patient_count(self) -> int:
        """The number of patients."""
        return int(self.patients.max()) + 1

    def average(self, image_features: Tensor) -> Tensor:
        """Mean over the images of each study: (images, D) to (n, D)."""
        study = torch.from_numpy(self.study_of_image).to(image_features.device)
        sums = image_features.new_zeros(len(self.labels), image_features.shape[1])
        sums.index_add_(0, study, image_features)
        return sums / torch.bincount(study, minlength=len(sums))[:, None]


def studies_of(
    corpus: Corpus, rows: NDArray[np.int64], targets: Sequence[str], policy: LabelPolicy
) -> Studies:
    """Gather images of a corpus into studies, in order of first appearance.

    A study has a definite label where all its images have the same one.

    Args:
        corpus: the corpus.
        rows: its images that are gathered.
        targets: names of labels.
        policy: what uncertain and blank labels count as.

    Raises:
        CorpusError: if the corpus does not have the targets.
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
    image_labels = corpus.labels(targets, policy)[rows]
    highest = np.full((len(numbers), len(targets)), -np.inf, np.float32)
    lowest = np.full((len(numbers), len(targets)), np.inf, np.float32)
    np.maximum.at(highest, study_of_image, image_labels)
    np.minimum.at(lowest, study_of_image, image_labels)
    return Studies(
        labels=np.where(highest == lowest, highest, np.nan).astype(np.float32),
        patients=np.array([people[patient] for patient, _ in numbers], np.int64),
        study_of_image=study_of_image,
        groups=groups_of(corpus.index.iloc[rows], study_of_image, len(numbers), devices),
    )
