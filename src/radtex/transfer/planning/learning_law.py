"""The learning curves that a measured one leaves possible: 1 / Φ⁻¹(AUC)² = a + b · s^c.

s is the scarcity of labels, 1 / n₊ + 1 / n₋. A linear discriminant of Gaussian features, whose two
means are learnt from n₊ and n₋ studies, has nearly this curve, with c = 1: the noise of the means
is added to that of the features (Raudys and Pikelis 1980, IEEE Trans. Pattern Anal. Mach. Intell.
2:242). Curves of other features bend later or earlier.

A curve that was measured over a short stretch tells its level well, its slope less well, and its
bend hardly. So no single curve is fitted. On a grid of curves each is weighted by how well it
agrees with what was measured, errors and their correlations counted, and by how likely it was
before: the AUC at the largest measured size is equally likely everywhere above 0.5, the AUC with
labels without end everywhere above that, and c is log-normal around DECAY. Estimates are means over
these weights, and intervals their quantiles, so they count that the bend is not known.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from radtex.statistics.intervals import LEVEL

LAW = "1 / Φ⁻¹(AUC)² = 1 / Φ⁻¹(ceiling)² + gap · s^decay, where s = 1 / positives + 1 / negatives"
DECAY = 1.0
"""c before anything was measured."""
DECAY_SPREAD = 0.35
"""Deviation of its logarithm."""
_PLAIN = (0.05, 0.98)  # an AUC beyond does not tell how large its errors are
_LEAST_SCALE = 0.1
_ERRORS = 6  # that the AUC of the grid goes to either side of the measured one
_AUCS, _CEILINGS, _DECAYS = 61, 25, 9  # of the grid


@dataclass(frozen=True)
class Expected:
    """An AUC, or a difference of two, with its 95 % interval."""

    mean: float
    """The point estimate."""
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""


@dataclass(frozen=True)
class LearningLaws:
    """K weighted curves."""

    scarcity: float
    """Of the labels at the largest measured size."""
    auc: NDArray[np.float64]
    """(K,): with these labels."""
    ceiling: NDArray[np.float64]
    """(K,): the AUC with labels without end."""
    decay: NDArray[np.float64]
    """(K,): c."""
    weights: NDArray[np.float64]
    """(K,): they sum to 1."""

    @property
    def likeliest(self) -> dict[str, float]:
        """The curve of the greatest weight, as in 1 / Φ⁻¹(ceiling)² + gap · s^decay."""
        best = int(self.weights.argmax())
        auc, ceiling, decay = (float(of[best]) for of in (self.auc, self.ceiling, self.decay))
        missing = float(stats.norm.ppf(auc)) ** -2 - float(stats.norm.ppf(ceiling)) ** -2
        return {"ceiling": ceiling, "gap": missing * self.scarcity**-decay, "decay": decay}

    def at(self, scarcity: NDArray[np.float64]) -> NDArray[np.float64]:
        """The AUC of each curve at m scarcities: (K, m)."""
        relative = (scarcity / self.scarcity) ** self.decay[:, None]
        with_these, without_end = (
            stats.norm.ppf(each)[:, None] ** -2 for each in (self.auc, self.ceiling)
        )
        inverse = without_end + (with_these - without_end) * relative
        return np.asarray(stats.norm.cdf(inverse**-0.5))

    def expected(self, values: NDArray[np.float64]) -> tuple[Expected, ...]:
        """Estimate m numbers that each curve has, (K, m)."""
        return tuple(self._expected(of_curve) for of_curve in values.T)

    def _expected(self, values: NDArray[np.float64]) -> Expected:
        order = values.argsort(kind="stable")
        reached = self.weights[order].cumsum()
        ends = np.searchsorted(reached, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
        low, high = values[order][np.minimum(ends, len(values) - 1)]
        return Expected(float(self.weights @ values), float(low), float(high))


def fit_learning_laws(
    scarcity: NDArray[np.float64],
    curve: NDArray[np.float64],
    covariance: NDArray[np.float64],
    freedom: float,
) -> LearningLaws:
    """Weight the curves by how well they agree with a measured one.

    Args:
        scarcity: (m,), falling.
        curve: (m,), the AUC measured.
        covariance: (m, m), of its errors; regular. It grows with AUC · (1 − AUC), so each curve is
            judged by the errors that it would have itself: a pilot of few positives whose AUC
            happens to be near 1 does not know it better than others.
        freedom: degrees of freedom of that covariance: errors are t distributed.
    """
    measured = float(np.clip(curve[-1], *_PLAIN))
    spread = measured * (1 - measured)
    reach = _ERRORS * (float(covariance[-1, -1]) * 0.25 / spread) ** 0.5
    lowest, highest = curve[-1] - reach, curve[-1] + reach
    grid = np.meshgrid(
        _middles(np.clip(lowest, 0.5, 0.95), np.clip(highest, 0.55, 1), _AUCS),
        _middles(0, 1, _CEILINGS),
        DECAY * np.exp(DECAY_SPREAD * stats.norm.ppf(_middles(0, 1, _DECAYS))),
        indexing="ij",
    )
    auc, rise, decay = (each.ravel() for each in grid)
    laws = LearningLaws(float(scarcity[-1]), auc, auc + rise * (1 - auc), decay, np.ones(len(auc)))
    apart = np.linalg.solve(np.linalg.cholesky(covariance), (laws.at(scarcity) - curve).T)
    scale = np.maximum(auc * (1 - auc) / spread, _LEAST_SCALE)
    odds = np.log1p((apart**2).sum(0) / (scale * freedom)) * -(freedom + len(curve)) / 2
    weights = np.exp(odds - odds.max())
    return replace(laws, weights=weights / weights.sum())


def _middles(low: float, high: float, count: int) -> NDArray[np.float64]:
    """The middles of equal parts of a stretch."""
    return low + (high - low) * (np.arange(count) + 0.5) / count
