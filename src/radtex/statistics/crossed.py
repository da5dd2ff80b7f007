"""Intervals of means over pretraining seeds, crossed with draws and test patients.

A recipe that was trained with S seeds is measured with each of them on the same R draws and the
same patients. A value is then ``y_sr = μ + a_s + b_r + e_sr``, with patients beside: the random
two-way layout of studies with several readers and cases. The variance of its mean is the sum of

- seeds: the sample variance of the S seeds' means, divided by S. Beside the seeds it holds what
  seeds have each for themselves of the draws' luck (``e``) and of the patients';
- draws: as in `radtex.statistics.intervals`, of the mean over seeds, less the part of ``e`` that
  the seeds' variance counts already: its mean square divided by S R;
- patients: as there, of the mean over seeds, less the part that is each seed's own.

A part that would be below 0 is 0. The seeds' part is never less than it was measured to be, since
the few seeds' own luck decides it (so do Hillis, Berbaum and Metz 2008, Acad. Radiol. 15:647, with
readers). The degrees of freedom are those of Welch and Satterthwaite, where the seeds' part has
S - 1: two seeds give wide intervals. With one seed nothing is known of others, and the interval is
conditional on that seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.intervals import Estimate, Part, draws_part, from_parts, patients_part


@dataclass(frozen=True)
class Crossed:
    """K values of one recipe with S seeds, in R repeats on P patients."""

    repeats: NDArray[np.float64]
    """(S, R, K): the value of each seed in each repeat, spread by `intervals.over_pools`."""
    influence: NDArray[np.float64]
    """(S, K, P): of each test patient on each seed's mean over repeats."""

    def weighted(self, weights: NDArray[np.float64]) -> "Crossed":
        """Return M sums of the values, by weights (M, K)."""
        return Crossed(self.repeats @ weights.T, weights @ self.influence)

    def __sub__(self, other: "Crossed") -> "Crossed":
        """Return the differences to another recipe's values, seed by seed on the same seeds."""
        return Crossed(self.repeats - other.repeats, self.influence - other.influence)

    def __neg__(self) -> "Crossed":
        """Return the values with the other sign."""
        return Crossed(-self.repeats, -self.influence)


def crossed_estimates(summands: Sequence[Crossed]) -> tuple[Estimate, ...]:
    """Estimate K sums, one value of each summand.

    Args:
        summands: of independent seeds, on the same draws and patients. For a difference of two
            recipes, one of them with the other sign.
    """
    repeats = np.sum([each.repeats.mean(0) for each in summands], axis=0)
    influence = np.sum([each.influence.mean(0) for each in summands], axis=0)
    draws, patients = draws_part(repeats), patients_part(influence)
    parts = []
    for each in summands:
        count = len(each.repeats)
        if count > 1:
            parts.append(draws_part(each.repeats.mean(1)))
            draws = draws.less(_interaction(each.repeats))
            own = each.influence - each.influence.mean(0)
            patients = patients.less(Part((own**2).sum((0, 2)) / (count * (count - 1)), 0.0))
    return from_parts(repeats.mean(0), [*parts, draws, patients])


def _interaction(repeats: NDArray[np.float64]) -> Part:
    """The mean square of what neither seed nor draw explains, divided by S R."""
    seeds, draws = repeats.shape[:2]
    if draws == 1:
        return Part(np.zeros(repeats.shape[2]), 0.0)
    rest = repeats - repeats.mean(0) - repeats.mean(1, keepdims=True) + repeats.mean((0, 1))
    degrees = (seeds - 1) * (draws - 1)
    variance = (rest**2).sum((0, 1)) / (degrees * seeds * draws)
    return Part(variance, variance**2 / degrees)
