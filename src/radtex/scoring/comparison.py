"""Scores with intervals, and the paired comparisons that belong to them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

from radtex.scoring.scored import Scored
from radtex.statistics.bootstrap import Difference, Patients
from radtex.statistics.intervals import LEVEL, Interval, holm


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
    self_contradictions: Mapping[str, Interval] = field(default_factory=dict)
    """Share of reports that contradict themselves, by system; the references are one."""


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

    It beats it where the difference is above 0 and its p value below 1 - LEVEL, after Holm's
    correction for the number of scores: of ten intervals that each miss 0 in 5 % of worlds without
    a difference, one or more would miss it in up to 40 %.
    """
    differences = comparison.differences
    adjusted = holm([value.p for value in differences.values()])
    won = [
        name
        for (name, value), p in zip(differences.items(), adjusted, strict=True)
        if value.value > 0 and p < 1 - LEVEL
    ]
    lost = [name for name in differences if name not in won]
    a, b = comparison.a, comparison.b
    if not won:
        said = f"{a} does not beat the baseline “{b}” in any score"
    elif not lost:
        said = f"{a} beats the baseline “{b}” in every score"
    else:
        said = f"{a} does not beat the baseline “{b}” in {_listed(lost)}; it does in {_listed(won)}"
    return (
        f"{said} (p below {1 - LEVEL:.2g} after Holm's correction over {len(differences)} scores)."
    )


def too_few_to_tell(replicates: int, patients: int, scores: int) -> list[str]:
    """Say where no p value can be small enough for a verdict after the correction.

    Of n patients 2ⁿ swaps are possible, half of which differ in size.
    """
    draws = math.ceil(scores / (1 - LEVEL))
    people = 1 + math.ceil(math.log2(scores / (1 - LEVEL)))
    if replicates >= draws and patients >= people:
        return []
    return [
        f"No p value of {replicates} draws of {patients} patients is small enough to beat a "
        f"baseline in any of {scores} scores; that takes {draws} draws (--replicates) and {people} "
        "patients."
    ]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name.replace(",", " over") for name in names)
