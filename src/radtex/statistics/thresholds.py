"""From which probability on a finding is said to be present."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

OperatingPoint = Literal["youden", "sensitive"]
"""Which of the thresholds is used."""
SENSITIVITY = 0.95
"""Of the threshold `sensitive`, at least."""


@dataclass(frozen=True)
class Thresholds:
    """A finding is present where its probability is not below the threshold."""

    youden: float
    """With the greatest sum of sensitivity and specificity (Youden 1950)."""
    sensitive: float
    """The greatest with a sensitivity of SENSITIVITY or more."""

    def at(self, point: OperatingPoint) -> float:
        """The threshold of an operating point."""
        return self.youden if point == "youden" else self.sensitive


def choose_thresholds(
    probabilities: NDArray[np.float64], positive: NDArray[np.bool_]
) -> Thresholds:
    """Choose among the probabilities (n,) of studies of both classes, `positive` (n,).

    Of equals the lowest, which misses least.
    """
    candidates = np.unique(probabilities)
    hit = np.sort(probabilities[positive])
    spared = np.sort(probabilities[~positive])
    sensitivity = 1 - np.searchsorted(hit, candidates) / len(hit)
    specificity = np.searchsorted(spared, candidates) / len(spared)
    youden = float(candidates[np.argmax(np.round(sensitivity + specificity, 12))])
    enough = candidates[np.round(sensitivity, 12) >= SENSITIVITY]
    return Thresholds(youden, float(enough[-1]))
