"""Intervals and paired tests of scores, by drawing patients anew.

A score is a function of sums over reports, so a replicate needs the patients' sums alone. The
reports of one patient are drawn together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.intervals import LEVEL, Interval

Metrics = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Sums (…, K) to scores (…, M)."""


@dataclass(frozen=True)
class Difference(Interval):
    """A paired difference of scores, and the test of its being 0."""

    p: float
    """Two-sided p value."""


class Patients:
    """The patients of N reports, to be drawn many times."""

    def __init__(self, numbers: NDArray[np.int64], replicates: int, seed: int) -> None:
        """Keep what the draws depend on.

        Args:
            numbers: int (N,), the patient of each report, numbered from 0 without gaps.
            replicates: number of draws.
            seed: of the draws.
        """
        self._numbers = numbers
        self._count = int(numbers.max()) + 1
        self._replicates = replicates
        self._seed = seed

    def intervals(self, statistics: NDArray[np.float64], metrics: Metrics) -> list[Interval]:
        """Estimate each score of statistics (N, K), with its percentile interval."""
        drawn = metrics(self._drawn(self._sums(statistics)))
        values = metrics(statistics.sum(0))
        return [
            Interval(float(value), *_bounds(d)) for value, d in zip(values, drawn.T, strict=True)
        ]

    def differences(
        self, a: NDArray[np.float64], b: NDArray[np.float64], metrics: Metrics
    ) -> list[Difference]:
        """Estimate a − b of each score, both of the same N reports.

        The interval is that of the bootstrap, with both drawn together. The p value is that of
        approximate randomisation (Noreen 1989): the share of replicates in which the difference
        is at least as large when each patient's two sets of reports are swapped at random.

        Args:
            a: statistics (N, K) of one system.
            b: statistics (N, K) of the other.
            metrics: makes M scores of their sums.

        Returns:
            A difference for each of the M scores.
        """
        of_a, of_b = self._sums(a), self._sums(b)
        observed = metrics(of_a.sum(0)) - metrics(of_b.sum(0))
        drawn = metrics(self._drawn(of_a)) - metrics(self._drawn(of_b))
        moved = self._swapped(of_b - of_a)
        swapped = metrics(of_a.sum(0) + moved) - metrics(of_b.sum(0) - moved)
        # Sums of floats in another order differ in their last digits; an undefined one counts too.
        as_large = (~(np.abs(swapped) < np.abs(observed) - 1e-12)).sum(0)
        p = (1 + as_large) / (1 + self._replicates)
        return [
            Difference(float(value), *_bounds(d), float(share))
            for value, d, share in zip(observed, drawn.T, p, strict=True)
        ]

    def _sums(self, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.zeros((self._count, statistics.shape[1]))
        np.add.at(sums, self._numbers, statistics)
        return sums

    def _drawn(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums of as many patients, drawn with replacement: (replicates, K)."""
        generator = np.random.default_rng([self._seed, 0])
        draws = (
            np.bincount(generator.integers(self._count, size=self._count), minlength=self._count)
            for _ in range(self._replicates)
        )
        return np.stack([times.astype(np.float64) @ sums for times in draws])

    def _swapped(self, moves: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums of the moves of a random half of the patients: (replicates, K)."""
        generator = np.random.default_rng([self._seed, 1])
        halves = (generator.random(self._count) < 0.5 for _ in range(self._replicates))
        return np.stack([half.astype(np.float64) @ moves for half in halves])


def _bounds(drawn: NDArray[np.float64]) -> tuple[float, float]:
    """Percentiles of the replicates in which the score is defined."""
    defined = drawn[~np.isnan(drawn)]
    if not len(defined):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
