"""Scores with intervals, and the paired comparisons that belong to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from radtex.scoring.scored import Scored
from radtex.statistics.bootstrap import Difference, Patients
from radtex.statistics.intervals import Interval


@dataclass(frozen=True)
class Comparison:
    """One system compared with another, paired by report."""

    a: str
    """The first system."""
    b: str
    """The second system."""
    differences: Mapping[str, Difference]
    """a − b in each score, by its name."""


@dataclass(frozen=True)
class Results:
    """What systems that write reports reached on one set of images."""

    scores: Mapping[str, Mapping[str, Interval]]
    """System → score → interval."""
    comparisons: Sequence[Comparison]
    """Each written file against each baseline, then the files against each other."""
    parts: Mapping[str, Mapping[str, Mapping[str, float]]]
    """Section of the JSON file → system → part → value; NaN where it is undefined."""
    settings: Mapping[str, Any]
    """How it was done, as plain values."""
    notes: Sequence[str]
    """What a reader must know, in sentences."""


def scores(scored: Scored, patients: Patients) -> Mapping[str, Mapping[str, Interval]]:
    """Each system's scores, by name."""
    return {
        system: dict(
            zip(
                scored.names,
                patients.intervals(scored.statistics(system), scored.values),
                strict=True,
            )
        )
        for system in scored.systems
    }


def comparisons(
    scored: Scored,
    patients: Patients,
    written: Sequence[str],
    baselines: Sequence[str],
) -> list[Comparison]:
    """Compare each written file with each baseline, and the files with each other."""
    return [
        Comparison(
            a,
            b,
            dict(
                zip(
                    scored.names,
                    patients.differences(scored.statistics(a), scored.statistics(b), scored.values),
                    strict=True,
                )
            ),
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
