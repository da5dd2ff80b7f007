"""Boxes of findings, points of maps, and whether a box holds a point."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
"""x and y in fractions of the image, from its top left corner."""

_RASTER = 64
"""Points a side among which the likeliest is looked for."""


@dataclass(frozen=True)
class Box:
    """Where a finding is, in fractions of the image."""

    name: str
    """The finding, as its source calls it."""
    x: float
    """Left edge, from the left of the image."""
    y: float
    """Top edge, from the top of the image."""
    width: float
    """Share of the image's width."""
    height: float
    """Share of the image's height."""

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
