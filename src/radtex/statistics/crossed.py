"""Intervals of means over draws, test patients and pretraining seeds that are crossed.

A recipe that was trained with S seeds is measured with each of them on the same R draws and the
same P patients. Each value depends on the seed, the draw, the patients, and on what two of them or
all three have for themselves: the random layout of studies with several readers and cases. The
variance of the mean is the sum of

- patients: the sum of their squared influence on the mean;
- draws: the sample variance of the R means over seeds, divided by R, less what the patients count
  already, since two draws also differ by what single patients make of them. That is the same
  sample variance of the patients' influences, summed over patients;
- seeds: the sample variance of the S means over draws, divided by S. What patients and draws count
  already is left in: with two or three seeds the part that would be left is so often near 0 by luck
  that intervals are too short (0.92 in the place of 0.95, where seeds differ much).

A part of the draws below 0 counts as 0. Draws of one pool are spread first by
`intervals.over_pools`, values and influences alike. Patients and draws together have the degrees of
freedom of Welch and Satterthwaite, as have the seeds of several recipes, S - 1 each. Between the
two the quantile of t is weighted by the variances (Cochran and Cox 1957, Experimental Designs,
section 4.14): where two or three seeds carry most of the variance, Welch and Satterthwaite's
degrees give intervals that are too short (0.87 in the place of 0.95). With one seed nothing is
known of others, and the interval is conditional on that seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from radtex.statistics.intervals import LEVEL, Estimate, patient_freedom

_HALVINGS = 60  # of the logarithm of a p value


@dataclass(frozen=True)
class Crossed:
    """K values of one recipe with S seeds, in R repeats on P patients."""

    repeats: NDArray[np.float64]
    """(S, R, K): the value of each seed in each repeat, spread by `intervals.over_pools`."""
    influence: NDArray[np.float64]
    """(S, R, K, P): of each test patient on each value, spread alike."""

    def weighted(self, weights: NDArray[np.float64]) -> "Crossed":
        """Return M sums of the values, by weights (M, K)."""
        return Crossed(self.repeats @ weights.T, weights @ self.influence)

    def minus(self, other: "Crossed", *, same_seeds: bool) -> tuple["Crossed", ...]:
        """Return the summands of the differences to another recipe's values.

        Args:
            other: measured on the same draws and patients.
            same_seeds: whether its seeds are these very runs, one by one; else they are others.
        """
        if same_seeds:
            return (Crossed(self.repeats - other.repeats, self.influence - other.influence),)
        return self, Crossed(-other.repeats, -other.influence)


@dataclass(frozen=True)
class _Part:
    """One source's part of the variance of K means."""

    variance: NDArray[np.float64]
    """(K,): the part."""
    degrees: NDArray[np.float64]
    """(K,): its degrees of freedom."""


def crossed_estimates(summands: Sequence[Crossed]) -> tuple[Estimate, ...]:
    """Estimate K sums, one value of each summand.

    Args:
        summands: of independent seeds, on the same draws and patients. For a difference of two
            recipes, one of them with the other sign.
    """
    repeats = np.sum([each.repeats.mean(0) for each in summands], axis=0)
    influence = np.sum([each.influence.mean(0) for each in summands], axis=0)
    moved = influence.mean(0)
    rest = _Part((moved**2).sum(1), patient_freedom(moved))
    if len(repeats) > 1:
        rest = _with_draws(rest, repeats, influence)
    seeds = [_seeds(each) for each in summands if len(each.repeats) > 1]
    return _estimates(repeats.mean(0), [rest, _together(seeds)] if seeds else [rest])


def _with_draws(
    patients: _Part, repeats: NDArray[np.float64], influence: NDArray[np.float64]
) -> _Part:
    """Patients and draws together.

    The draws' part is uncertain as far as it was before the patients' was taken out of it.
    """
    whole = repeats.var(axis=0, ddof=1) / len(repeats)
    of_patients = influence.var(axis=0, ddof=1).sum(-1) / len(repeats)
    variance = patients.variance + np.maximum(whole - of_patients, 0)
    least = np.minimum(patients.degrees, len(repeats) - 1)
    doubt = patients.variance**2 / patients.degrees + whole**2 / (len(repeats) - 1)
    none = doubt == 0
    degrees = np.where(none, least, variance**2 / np.where(none, 1, doubt))
    return _Part(variance, np.maximum(degrees, least))


def _seeds(recipe: Crossed) -> _Part:
    seeds = len(recipe.repeats)
    variance = recipe.repeats.mean(1).var(axis=0, ddof=1) / seeds
    return _Part(variance, np.full(len(variance), seeds - 1.0))


def _together(parts: Sequence[_Part]) -> _Part:
    """Several parts, with the degrees of freedom of Welch and Satterthwaite."""
    variance = np.sum([part.variance for part in parts], axis=0)
    doubt = np.sum([part.variance**2 / part.degrees for part in parts], axis=0)
    none = variance == 0
    return _Part(variance, np.where(none, 1, variance**2 / np.where(none, 1, doubt)))


def _estimates(mean: NDArray[np.float64], parts: Sequence[_Part]) -> tuple[Estimate, ...]:
    variance = np.sum([part.variance for part in parts], axis=0)
    certain = variance == 0
    error = np.sqrt(variance)
    shares = [part.variance / np.where(certain, 1, variance) for part in parts]

    def errors_away(p: NDArray[np.float64]) -> NDArray[np.float64]:
        """How many errors from 0 a mean lies that has the two-sided p value p."""
        # Of a p below 1e-100, scipy's quantile may be no number, or infinite with the wrong sign.
        found = [stats.t.isf(p / 2, part.degrees) for part in parts]
        quantiles = [np.where(np.isfinite(each), each, np.inf) for each in found]
        each = [
            np.multiply(share, quantile, out=np.zeros_like(share), where=share > 0)
            for share, quantile in zip(shares, quantiles, strict=True)
        ]
        return np.asarray(np.sum(each, axis=0))

    half = np.where(certain, 0, errors_away(np.full(len(mean), 1 - LEVEL)) * error)
    distance = np.abs(mean) / np.where(certain, 1, error)
    if len(parts) == 1:
        p = 2 * stats.t.sf(distance, parts[0].degrees)
    else:
        p = _inverse(errors_away, distance)
    p = np.where(certain, mean == 0, p)
    columns = (mean, mean - half, mean + half, p)
    return tuple(Estimate(*map(float, each)) for each in zip(*columns, strict=True))


def _inverse(
    falling: Callable[[NDArray[np.float64]], NDArray[np.float64]], wanted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Where in 0 to 1 a falling function has the wanted values, by halving the logarithm."""
    low, high = np.full(len(wanted), -700.0), np.zeros(len(wanted))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        before = falling(np.exp(middle)) > wanted
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.exp(high)
