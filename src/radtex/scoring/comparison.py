"""Scores with intervals, and the paired comparisons that belong to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.bootstrap import Difference, Metrics, Patients
from radtex.statistics.intervals import Interval


@dataclass(frozen=True)
class Comparison:
    """a − b in each score, paired by report."""

    a: str
    b: str
    differences: Mapping[str, Difference]


@dataclass(frozen=True)
class Family:
    """Scores that are functions of the same sums.

    names: of the M scores.
    metrics: sums (…, K) → scores (…, M).
    statistics: system → additive statistics of its N reports, (N, K).
    """

    names: Sequence[str]
    metrics: Metrics
    statistics: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Results:
    """What systems that write reports reached on one set of images.

    scores: system → score → interval.
    comparisons: of each written file with each baseline, then of the files with each other.
    label_f1: system → label → F1; NaN where no reference states the label.
    settings: how it was done, as plain values.
    notes: what a reader must know, in sentences.
    """

    scores: Mapping[str, Mapping[str, Interval]]
    comparisons: Sequence[Comparison]
    label_f1: Mapping[str, Mapping[str, float]]
    settings: Mapping[str, Any]
    notes: Sequence[str]


def scores(families: Sequence[Family], patients: Patients) -> dict[str, dict[str, Interval]]:
    """Each system's scores."""
    return {
        system: {
            name: interval
            for family in families
            for name, interval in zip(
                family.names,
                patients.intervals(family.statistics[system], family.metrics),
                strict=True,
            )
        }
        for system in families[0].statistics
    }


def comparisons(
    families: Sequence[Family],
    patients: Patients,
    written: Sequence[str],
    baselines: Sequence[str],
) -> list[Comparison]:
    """Compare each written file with each baseline, and the files with each other."""
    return [
        Comparison(
            a,
            b,
            {
                name: difference
                for family in families
                for name, difference in zip(
                    family.names,
                    patients.differences(
                        family.statistics[a], family.statistics[b], family.metrics
                    ),
                    strict=True,
                )
            },
        )
        for a, b in (*product(written, baselines), *combinations(written, 2))
    ]


def verdict(comparison: Comparison) -> str:
    """Say in a sentence in which scores a system beats a baseline, and in which it does not.

    It beats it where the interval of the paired difference lies above 0.
    """
    won = [name for name, value in comparison.differences.items() if value.low > 0]
    lost = [name for name in comparison.differences if name not in won]
    a, b = comparison.a, comparison.b
    if not won:
        return f"{a} does not beat the baseline “{b}” in any score."
    if not lost:
        return f"{a} beats the baseline “{b}” in every score."
    return f"{a} does not beat the baseline “{b}” in {_listed(lost)}; it does in {_listed(won)}."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name.replace(",", " over") for name in names)
