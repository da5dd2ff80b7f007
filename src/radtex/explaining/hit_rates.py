"""How often pointers hit the boxes of findings: rates with intervals, and their tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.intervals import Estimate, Interval, estimate, wilson
from radtex.text_tables import aligned, signed_with_interval


@dataclass(frozen=True)
class HitRates:
    """Hit rates of several pointers; the first is the one on trial."""

    cases: Mapping[str, int]
    """Number of cases of each finding."""
    rates: Mapping[str, Mapping[str, Interval]]
    """By finding and pointer."""
    means: Mapping[str, Interval]
    """Of each pointer, over the findings."""
    gains: Mapping[str, Estimate]
    """What the mean of the first pointer is above that of each other."""


def hit_rates(
    findings: Sequence[str], patients: Sequence[str], hits: Mapping[str, NDArray[np.float64]]
) -> HitRates:
    """Estimate the hit rates of several pointers over the same n cases.

    Intervals are by patient. That of a finding is Wilson's (1927), for as many cases as would have
    its variance if each were another patient's, or for as many as there are patients where no
    variance is seen; those of means and gains are from `estimate`.

    Args:
        findings: that of each case.
        patients: that of each case.
        hits: by pointer, (n,), 0 to 1: hits, or shares of hits where a pointer had several tries.
    """
    named = np.array(findings)
    people, person = np.unique(np.array(patients), return_inverse=True)
    cases = {name: int((named == name).sum()) for name in sorted(set(findings))}
    rates: dict[str, dict[str, Interval]] = {name: {} for name in cases}
    means, influences = {}, {}
    for pointer, hit in hits.items():
        influence = np.zeros((len(cases), len(people)))
        for row, (name, count) in enumerate(cases.items()):
            mine = named == name
            mean = float(hit[mine].mean())
            np.add.at(influence[row], person[mine], (hit[mine] - mean) / count)
            variance = float((influence[row] ** 2).sum())
            rates[name][pointer] = _rate(mean, count, variance, len(np.unique(person[mine])))
        influences[pointer] = influence.mean(axis=0)
        mean = float(np.mean([rates[name][pointer].value for name in cases]))
        whole = estimate(np.array([mean]), influences[pointer])
        means[pointer] = Interval(mean, max(whole.low, 0.0), min(whole.high, 1.0))
    first, *others = hits
    gains = {
        other: estimate(
            np.array([means[first].value - means[other].value]),
            influences[first] - influences[other],
        )
        for other in others
    }
    return HitRates(cases, rates, means, gains)


def table_by_finding(found: HitRates) -> str:
    """A row per finding: its cases, and the rate of each pointer."""
    pointers = list(found.means)
    rows = [["finding", "cases", *pointers]]
    for finding, rates in found.rates.items():
        first, *others = (rates[pointer] for pointer in pointers)
        rows.append(
            [
                finding,
                f"{found.cases[finding]:,}",
                _with_interval(first),
                *(f"{rate.value:.2f}" for rate in others),
            ]
        )
    return "Share of findings whose box holds the pointer\n" + aligned(rows)


def table_by_pointer(found: HitRates) -> str:
    """A row per pointer: its mean rate, and what the first one gains on it."""
    rows = [["pointer", "mean hit rate", "map − pointer"]]
    for pointer, rate in found.means.items():
        gain = found.gains.get(pointer)
        rows.append(
            [pointer, _with_interval(rate), "" if gain is None else signed_with_interval(gain)]
        )
    return f"Mean over {len(found.rates)} findings\n" + aligned(rows)


def told_apart(gains: Mapping[str, Estimate]) -> str:
    """Say in a sentence on which pointers the map gains, by intervals above 0."""
    better = [name for name, gain in gains.items() if gain.low > 0]
    not_better = [name for name in gains if name not in better]
    return (
        f"The map points better than: {', '.join(better) or 'nothing'}; "
        f"not better than: {', '.join(not_better) or 'nothing'}."
    )


def _rate(mean: float, count: int, variance: float, people: int) -> Interval:
    if people == 1 or mean in (0, 1):
        return wilson(mean, people)
    independent = mean * (1 - mean) / count
    return wilson(mean, count * independent / variance if variance > independent else count)


def _with_interval(rate: Interval) -> str:
    return f"{rate.value:.2f} [{rate.low:.2f}, {rate.high:.2f}]"
