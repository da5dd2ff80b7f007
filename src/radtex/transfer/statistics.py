"""Intervals and comparisons that count both test patients and label draws.

An estimate is a mean over R repeats of a mean over targets. Its variance is the sum of

- draws: the sample variance of the R repeats, divided by R. The repeats differ in their labelled
  studies and share the test patients;
- patients: the sum over test patients of their squared influence on the estimate
  (`auc.influence`, averaged over targets and repeats).

Intervals use Student's t with the degrees of freedom of Welch and Satterthwaite,
``(v_d + v_p)² / (v_d² / ν_d + v_p² / ν_p)``. ν_d is R - 1. ν_p follows from the same rule, that a
variance estimate V of ν degrees of freedom has the variance ``2 V² / ν``: here V is a sum of P
squared influences h², its variance is estimated by ``Σ h⁴ - (Σ h²)² / P``, and so
``ν_p = 2 (Σ h²)² / (Σ h⁴ - (Σ h²)² / P)``: about P for normal influences, fewer where a few
patients (the positives of a rare finding) carry most of the variance, and never above P - 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean, its 95 % interval, and the two-sided p value of its being 0."""

    mean: float
    low: float
    high: float
    p: float


def estimate(repeats: NDArray[np.float64], influence: NDArray[np.float64]) -> Estimate:
    """Estimate a mean from its repeats (R,) and the P patients' influence on it (P,).

    With one repeat the draws' variance is unknown and the interval is over patients alone. For a
    difference, pass the differences of the repeats and of the influences.
    """
    mean = float(repeats.mean())
    parts = [(float((influence**2).sum()), _patient_freedom(influence))]
    if len(repeats) > 1:
        parts.append((float(repeats.var(ddof=1)) / len(repeats), len(repeats) - 1))
    variance = sum(part for part, _ in parts)
    if variance == 0:
        return Estimate(mean, mean, mean, float(mean == 0))
    error = variance**0.5
    freedom = variance**2 / sum(part**2 / degrees for part, degrees in parts)
    half = float(stats.t.ppf((1 + LEVEL) / 2, freedom)) * error
    p = 2 * float(stats.t.sf(abs(mean) / error, freedom))
    return Estimate(mean, mean - half, mean + half, p)


def _patient_freedom(influence: NDArray[np.float64]) -> float:
    variance = float((influence**2).sum())
    variance_of_variance = float((influence**4).sum()) - variance**2 / len(influence)
    most = len(influence) - 1
    if variance_of_variance <= 0:
        return most
    return min(2 * variance**2 / variance_of_variance, most)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p values for their number (Holm 1979, step-down), in the order given."""
    p = np.asarray(p_values, dtype=np.float64)
    order = p.argsort(kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1)
    return [float(value) for value in adjusted]
