"""The pointing game: does the highest point of a map lie in the box of its finding?

After Zhang et al. (2018), "Top-down neural attention by excitation backprop", section 4.1, without
their tolerance of 15 pixels: the point is the centre of the map's highest cell.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.intervals import Estimate, Interval, estimate, wilson

Point = tuple[float, float]
"""x and y in fractions of the image, from its top left corner."""

_RASTER = 64
"""Points a side among which the likeliest is looked for."""


@dataclass(frozen=True)
class Box:
    """Where a finding is, in fractions of the image from its top left corner."""

    name: str
    x: float
    y: float
    width: float
    height: float

    def holds(self, point: Point) -> bool:
        """Whether a point lies in the box or on its edge."""
        x, y = point
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


def read_boxes(cell: str) -> list[Box]:
    """The boxes of an image from its cell of a corpus index."""
    return [Box(**box) for box in json.loads(cell)]


def is_hit(point: Point, boxes: Sequence[Box]) -> bool:
    """Whether any of the boxes of a finding holds a point."""
    return any(box.holds(point) for box in boxes)


def cell_centres(height: int, width: int) -> list[Point]:
    """The centres of the cells of a map, row by row."""
    return [
        ((column + 0.5) / width, (row + 0.5) / height)
        for row in range(height)
        for column in range(width)
    ]


def peak(heat: NDArray[np.floating]) -> Point:
    """The centre of the highest cell of a map (h, w), the first of equals."""
    return cell_centres(*heat.shape)[int(heat.argmax())]


def mean_centre(boxes: Sequence[Box]) -> Point:
    """The mean of the centres of boxes."""
    x = np.mean([box.x + box.width / 2 for box in boxes])
    y = np.mean([box.y + box.height / 2 for box in boxes])
    return float(x), float(y)


def likeliest_point(boxes: Sequence[Box]) -> Point:
    """The point of a 64 × 64 raster that lies in most of the boxes."""
    at = (np.arange(_RASTER) + 0.5) / _RASTER
    counts = np.zeros((_RASTER, _RASTER), dtype=np.int64)
    for box in boxes:
        rows = (at >= box.y) & (at <= box.y + box.height)
        columns = (at >= box.x) & (at <= box.x + box.width)
        counts += np.outer(rows, columns)
    return peak(counts.astype(np.float64))


@dataclass(frozen=True)
class PointingGame:
    """Hit rates; the first pointer is the one on trial.

    cases: number of cases of each finding. rates: by finding and pointer. means: of each pointer
    over the findings. gains: what the first pointer's mean is above that of each other.
    """

    cases: Mapping[str, int]
    rates: Mapping[str, Mapping[str, Interval]]
    means: Mapping[str, Interval]
    gains: Mapping[str, Estimate]


def pointing_game(
    findings: Sequence[str], patients: Sequence[str], hits: Mapping[str, NDArray[np.float64]]
) -> PointingGame:
    """Estimate the hit rates of several pointers over the same n cases.

    Intervals are by patient. That of a finding is Wilson's (1927), for as many cases as would have
    its variance if each were another patient's; those of means and gains are from `estimate`.

    Args:
        findings, patients: of each case.
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
            rates[name][pointer] = _rate(mean, count, float((influence[row] ** 2).sum()))
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
    return PointingGame(cases, rates, means, gains)


def _rate(mean: float, count: int, variance: float) -> Interval:
    independent = mean * (1 - mean) / count
    return wilson(mean, count * independent / variance if variance > independent else count)
