"""How far readers agree: Cohen's kappa of each pair, over the studies that both read."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.readings.apply import by_reader
from radtex.corpus.readings.journal import Journal
from radtex.statistics.intervals import Interval
from radtex.statistics.kappa import REPLICATES, cohen_kappa

HOW = (
    "Cohen's kappa over present, absent and uncertain; 95 % interval by bootstrap over patients "
    f"({REPLICATES:,} draws)"
)


@dataclass(frozen=True)
class Agreement:
    """Of two readers on one label."""

    label: str
    """The label."""
    readers: tuple[str, str]
    """Their names."""
    studies: int
    """Studies that both labelled."""
    agreed: int
    """Studies to which both gave the same."""
    kappa: Interval
    """NaN where both gave one label to all."""

    def __str__(self) -> str:
        said = (
            f"{self.label}, {' and '.join(self.readers)}: {self.agreed} of {self.studies} studies "
            "alike, kappa "
        )
        if np.isnan(self.kappa.value):
            return f"{said}undefined (both gave one label to all)"
        return f"{said}{self.kappa.value:.2f} [{self.kappa.low:.2f}, {self.kappa.high:.2f}]"


def agreements(
    image_ids: NDArray[np.object_],
    studies: NDArray[np.int64],
    patients: NDArray[np.int64],
    journal: Journal,
) -> list[Agreement]:
    """Compare each pair of readers, on each label that both gave to some study.

    Args:
        image_ids: (N,), of the index.
        studies: (N,), numbers of their studies, from 0; the first image speaks for its study.
        patients: (N,), numbers of their patients.
        journal: the readers' labels.
    """
    said = by_reader(image_ids.tolist(), journal)
    first = np.unique(studies, return_index=True)[1]
    found = []
    for one, other in combinations(said, 2):
        for name in (name for name in said[one] if name in said[other]):
            a, b = (said[reader][name][first] for reader in (one, other))
            both = ~np.isnan(a) & ~np.isnan(b)
            if not both.any():
                continue
            of_a, of_b = (_numbered(each[both]) for each in (a, b))
            found.append(
                Agreement(
                    name,
                    (one, other),
                    int(both.sum()),
                    int((of_a == of_b).sum()),
                    cohen_kappa(of_a, of_b, patients[first][both]),
                )
            )
    return found


def _numbered(labels: NDArray[np.float32]) -> NDArray[np.int64]:
    """Number absent, present and uncertain as 0, 1 and 2."""
    return np.where(labels == -1, 2, labels).astype(np.int64)
