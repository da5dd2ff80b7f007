"""A measure of one target's scores, and its mean over targets with an interval.

Each measure is a mean over repeats, with the influence of every test patient on it, so that it gets
an interval over draws, pool and patients as the AUC does. Where the influences on each repeat are
known, what single patients make of a draw is counted once (`radtex.statistics.crossed`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.crossed import Crossed, crossed_estimates
from radtex.statistics.intervals import Estimate, estimates, over_pools


@dataclass(frozen=True)
class DefiniteStudies:
    """The n test studies with a definite label of one target."""

    positive: NDArray[np.bool_]
    """(n,): whether the label is positive."""
    patients: NDArray[np.int64]
    """(n,): patients numbered from 0, with gaps."""
    patient_count: int
    """P, the patients of the whole test."""
    groups: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """Masks (n,) of studies that are looked at apart, by name."""

    def sum_by_patient(self, of_study: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum over the studies of each patient: (n, k) to (P, k)."""
        return np.stack(
            [
                np.bincount(self.patients, column, minlength=self.patient_count)
                for column in of_study.T
            ],
            axis=1,
        )


@dataclass(frozen=True)
class Measured:
    """A measure in R repeats at B budgets."""

    values: NDArray[np.float64]
    """(R, B): the measure itself."""
    influence: NDArray[np.float64]
    """(B, P): of each test patient on the mean over repeats."""
    moved: NDArray[np.float64] | None = None
    """(R, B, P): on each repeat, where that is known."""

    def over_pools(self, share: NDArray[np.float64]) -> "Measured":
        """Return the measure spread as repeats of other pools would be.

        Args:
            share: (B,), of the pool that a draw takes.
        """
        moved = None if self.moved is None else over_pools(self.moved, share[..., None])
        return replace(self, values=over_pools(self.values, share), moved=moved)

    def minus(self, other: "Measured") -> "Measured":
        """Return the difference to another measure of the same repeats and patients."""
        moved = None
        if self.moved is not None and other.moved is not None:
            moved = self.moved - other.moved
        return Measured(self.values - other.values, self.influence - other.influence, moved)

    def estimates(self) -> tuple[Estimate, ...]:
        """Estimate each budget."""
        if self.moved is None:
            return estimates(self.values, self.influence)
        return crossed_estimates([Crossed(self.values[None], self.moved[None])])


def mean_of(measured: Sequence[Measured]) -> Measured:
    """Return the mean over targets or seeds."""
    moved = [each.moved for each in measured if each.moved is not None]
    return Measured(
        np.mean([each.values for each in measured], axis=0),
        np.mean([each.influence for each in measured], axis=0),
        np.mean(moved, axis=0) if len(moved) == len(measured) else None,
    )


def by_budget(budgets: Sequence[int], measured: Sequence[Measured]) -> dict[int, Estimate]:
    """Estimate the mean over targets at each budget."""
    return dict(zip(budgets, map(within, mean_of(measured).estimates()), strict=True))


def by_target(
    targets: Sequence[str], budgets: Sequence[int], measured: Sequence[Measured]
) -> dict[str, dict[int, Estimate]]:
    """Estimate each target at each budget."""
    return {name: by_budget(budgets, [each]) for name, each in zip(targets, measured, strict=True)}


def within(value: Estimate) -> Estimate:
    """Keep an interval within 0 to 1."""
    return replace(value, low=max(value.low, 0.0), high=min(value.high, 1.0))
