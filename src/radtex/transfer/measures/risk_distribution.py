"""Risk distributions: the probabilities of studies with a finding, and of those without."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.transfer.measures.measured import DefiniteStudies

RISKS = 100
"""Bins, equally wide in probability."""


@dataclass(frozen=True)
class RiskDistribution:
    """How many predictions of one target lie in each bin, all repeats together."""

    positive: NDArray[np.int64]
    """(RISKS,): of studies with the finding."""
    negative: NDArray[np.int64]
    """(RISKS,): of those without."""


def risk_distribution(
    probability: NDArray[np.float64], tested: DefiniteStudies
) -> RiskDistribution:
    """Count probabilities (n, R) of n studies."""
    bins = np.minimum((probability * RISKS).astype(np.int64), RISKS - 1)
    return RiskDistribution(
        *(
            np.bincount(bins[side].ravel(), minlength=RISKS)
            for side in (tested.positive, ~tested.positive)
        )
    )


def all_risks(parts: Sequence[RiskDistribution]) -> RiskDistribution:
    """Count the predictions of several together."""
    return RiskDistribution(
        np.sum([each.positive for each in parts], axis=0),
        np.sum([each.negative for each in parts], axis=0),
    )


def quantiles(counts: NDArray[np.int64], shares: Sequence[float]) -> list[float]:
    """Return the probabilities below which these shares of the predictions lie.

    They are exact to the width of a bin; within one, predictions are taken to be spread evenly.
    """
    reached = np.concatenate([[0], counts.cumsum() / counts.sum()])
    edges = np.linspace(0, 1, len(reached))
    steps = np.flatnonzero(np.diff(reached) > 0)
    found = []
    for share in shares:
        place = steps[min(int(np.searchsorted(reached[steps + 1], share)), len(steps) - 1)]
        within = (share - reached[place]) / (reached[place + 1] - reached[place])
        found.append(float(edges[place] + within * (edges[place + 1] - edges[place])))
    return found
