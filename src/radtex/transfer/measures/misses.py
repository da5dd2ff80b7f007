"""The worst misses: studies with a finding that are scored lower than nearly all without."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WORST = 10
"""Misses that are named for each encoder."""


@dataclass(frozen=True)
class Standing:
    """Where the studies of one target stand at the largest budget, as means over repeats."""

    outranked: NDArray[np.float64]
    """(n,): the share of studies of the other class on the wrong side; of a positive, of negatives
    that are scored higher."""
    probability: NDArray[np.float64] | None
    """(n,): None where scores are no probabilities."""


@dataclass(frozen=True)
class Miss:
    """A study with a finding, and how it was scored."""

    target: str
    """The finding."""
    study: int
    """Its place among the test studies."""
    outranked: float
    """The share of studies without the finding that are scored higher, a mean over repeats."""
    probability: float | None
    """Mean over repeats; None where scores are no probabilities."""


def mean_standing(standings: Sequence[Standing]) -> Standing:
    """Average over several, such as seeds."""
    probabilities = [each.probability for each in standings if each.probability is not None]
    return Standing(
        np.mean([each.outranked for each in standings], axis=0),
        np.mean(probabilities, axis=0) if probabilities else None,
    )


def worst_misses(
    targets: Sequence[str], labels: NDArray[np.float32], standings: Sequence[Standing]
) -> tuple[Miss, ...]:
    """Name the WORST positives of all targets; of equals the first target and study.

    Args:
        targets: T names.
        labels: (studies, T), 1, 0 or NaN.
        standings: of the studies with a definite label of each target.
    """
    misses = []
    for column, (target, standing) in enumerate(zip(targets, standings, strict=True)):
        definite = np.flatnonzero(~np.isnan(labels[:, column]))
        positive = np.flatnonzero(labels[definite, column] == 1)
        worst = positive[np.argsort(-standing.outranked[positive], kind="stable")[:WORST]]
        misses += [
            Miss(
                target,
                int(definite[place]),
                float(standing.outranked[place]),
                None if standing.probability is None else float(standing.probability[place]),
            )
            for place in worst
        ]
    return tuple(sorted(misses, key=lambda miss: -miss.outranked)[:WORST])
