"""Intervals and comparisons that count both test patients and label draws.

An estimate is a mean over R repeats of a mean over targets. What it estimates is the value that is
expected when labels are drawn from other pools and other patients are tested, all like these. Its
variance is the sum of

- draws: the sample variance of the R repeats, divided by R, where the repeats are independent. They
  differ in their labelled studies and share the test patients; where they share a pool too, see
  `over_pools`;
- patients: the sum over test patients of their squared influence on the estimate
  (`auc.influence`, averaged over targets and repeats).

Intervals use Student's t with the degrees of freedom of Welch and Satterthwaite,
``(v_d + v_p)² / (v_d² / ν_d + v_p² / ν_p)``. ν_d is R - 1. ν_p follows from the same rule, that a
variance estimate V of ν degrees of freedom has the variance ``2 V² / ν``: here V is a sum of P
squared influences h², its variance is estimated by ``Σ h⁴ - (Σ h²)² / P``, and so
``ν_p = 2 (Σ h²)² / (Σ h⁴ - (Σ h²)² / P)``: about P for normal influences, fewer where a few
patients (the positives of a rare finding) carry most of the variance, and never above P - 1.

With one repeat the patients' part alone is left: the test of DeLong in its form for clustered data
(Obuchowski), with t in the place of the normal distribution, so that few patients give no smaller p
value than they can. No p value is read off resampled replicates: none is coarser than its formula.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVEL = 0.95
LARGEST_SHARE = 0.95
"""The largest share of a pool that draws can take for intervals to count the pool."""


@dataclass(frozen=True)
class Interval:
    """A value and its interval at `LEVEL`; NaN where it is undefined."""

    value: float
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""


@dataclass(frozen=True)
class Estimate:
    """A mean, its interval at `LEVEL`, and the test of its being 0."""

    mean: float
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""
    p: float
    """Two-sided p value."""


def over_pools(repeats: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread repeats that share a pool as far as repeats of as many pools would be spread.

    Draws from one pool have labels in common, so the luck of the pool is in all of them, and their
    sample variance s² does not show it. Of their variance over pools, two draws have in common at
    most the share ρ of the pool that a draw takes (Hoeffding 1948, Ann. Math. Stat. 19:293), and
    that much where the value is a sum over the labelled studies. So the mean of R repeats varies
    over pools by ``s² / R + s² · ρ / (1 − ρ)``. The deviations from the mean are multiplied so that
    `estimates`, which divides a sample variance by R, says just that.

    Args:
        repeats: (R, …), the value in each repeat.
        share: (…), ρ, 0 to 1 (see `radtex.transfer.sampling.pool_share`). Above `LARGEST_SHARE` it
            counts as that: too little differs between the draws to tell how pools differ.
    """
    held = np.minimum(share, LARGEST_SHARE)
    mean = repeats.mean(0)
    spread: NDArray[np.float64] = np.sqrt(1 + len(repeats) * held / (1 - held))
    return np.asarray(mean + (repeats - mean) * spread)


def estimate(repeats: NDArray[np.float64], influence: NDArray[np.float64]) -> Estimate:
    """Estimate a mean over repeats and test patients.

    With one repeat the variance of the draws is unknown, and the interval is over patients alone.
    For a difference, pass the differences of the repeats and of the influences.

    Args:
        repeats: (R,), the value in each repeat.
        influence: (P,), how far each test patient moves the mean.
    """
    return estimates(repeats[:, None], influence[None])[0]


def estimates(repeats: NDArray[np.float64], influence: NDArray[np.float64]) -> tuple[Estimate, ...]:
    """Estimate K means at once, each as `estimate` does: repeats (R, K), influence (K, P)."""
    mean = repeats.mean(0)
    parts = [((influence**2).sum(1), patient_freedom(influence))]
    if len(repeats) > 1:
        draws = np.full(len(mean), len(repeats) - 1.0)
        parts.append((repeats.var(axis=0, ddof=1) / len(repeats), draws))
    variance = sum((part for part, _ in parts), np.zeros(len(mean)))
    certain = variance == 0
    error = np.sqrt(variance)
    uncertain = np.where(certain, 1, variance)
    share = sum(((part / uncertain) ** 2 / degrees for part, degrees in parts), certain * 1.0)
    half = stats.t.ppf((1 + LEVEL) / 2, 1 / share) * error
    p = 2 * stats.t.sf(np.abs(mean) / np.where(certain, 1, error), 1 / share)
    p = np.where(certain, mean == 0, p)
    columns = (mean, mean - half, mean + half, p)
    return tuple(Estimate(*map(float, each)) for each in zip(*columns, strict=True))


def patient_freedom(influence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the degrees of freedom ν_p (K,) of the patients' part, from influences (K, P)."""
    squares = influence**2
    variance = squares.sum(1)
    most = influence.shape[1] - 1.0
    variance_of_variance = np.maximum((squares**2).sum(1) - variance**2 / influence.shape[1], 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom: NDArray[np.float64] = 2 * variance**2 / variance_of_variance
    return np.asarray(np.where(variance_of_variance > 0, np.minimum(freedom, most), most))


def wilson(share: float, count: float) -> Interval:
    """Give a share its interval (Wilson 1927, JASA 22:209).

    Args:
        share: 0 to 1.
        count: of independent cases. It need not be whole: where cases are clustered, it is the
            number of independent cases with the same variance.
    """
    z = float(stats.norm.ppf((1 + LEVEL) / 2))
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * (share * (1 - share) / count + (z / (2 * count)) ** 2) ** 0.5 / (1 + z * z / count)
    return Interval(share, max(centre - half, 0.0), min(centre + half, 1.0))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p values for their number (Holm 1979, step-down), in the order given."""
    p = np.asarray(p_values, dtype=np.float64)
    order = p.argsort(kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1)
    return [float(value) for value in adjusted]
