"""Soft shapes on a pixel grid; every length is in body coordinates, whatever the resolution."""

import math
from copy import copy
from functools import lru_cache

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_array

from radtex.phantom.anatomy import Array
from radtex.phantom.technique import Points, Positioning

_FRACTIONS = np.linspace(0, 1, 80, endpoint=False)[:, None]


class Canvas:
    """The body coordinates of each pixel of a square film."""

    positioning: Positioning
    """Where the patient lies on the film."""
    size: int
    """Side of the film, in pixels."""
    pixel: float
    """Side of a pixel, in body coordinates."""
    u: Array
    """`u` of the pixel centres, float32 (size, size)."""
    v: Array
    """`v` of the pixel centres, float32 (size, size)."""

    def __init__(self, positioning: Positioning, size: int) -> None:
        centres = (np.arange(size) + 0.5) / size
        body = positioning.to_body(np.stack(np.meshgrid(centres, centres), axis=-1))
        self.positioning = positioning
        self.size = size
        self.pixel = 1 / (size * positioning.scale)
        self.u = body[..., 0].astype(np.float32)
        self.v = body[..., 1].astype(np.float32)

    def folded(self) -> "Canvas":
        """Return the same film with `u` counted from the midline to both sides."""
        folded = copy(self)
        folded.u = np.abs(self.u)
        return folded

    def resting(self, v: float) -> "Canvas":
        """Return the same film with all below `v` drawn together to two fifths of its height."""
        resting = copy(self)
        resting.v = np.minimum(self.v, v + 0.4 * (self.v - v))
        return resting

    def inside(self, distance: Array, softness: float) -> Array:
        """Return 1 where `distance` into a shape is positive, 0 outside, and a smooth edge between.

        Args:
            distance: how far each pixel lies inside the shape, (size, size).
            softness: width of the edge; at least a pixel.
        """
        t: Array = np.clip(distance * (1 / max(softness, self.pixel)) + 0.5, 0, 1)
        return t * t * (3 - 2 * t)

    def radius(self, u: float, v: float, width: float, height: float, angle: float = 0.0) -> Array:
        """Return each pixel's elliptic radius: 0 in the centre and 1 on the ellipse.

        Args:
            u: centre, across.
            v: centre, down.
            width: whole first axis.
            height: whole second axis.
            angle: turn of the axes, in radians.
        """
        x, y = self.u - float(u), self.v - float(v)
        cos, sin = math.cos(angle), math.sin(angle)
        along = x * (cos * 2 / width) + y * (sin * 2 / width)
        across = y * (cos * 2 / height) - x * (sin * 2 / height)
        r: Array = np.sqrt(along * along + across * across)
        return r

    def strokes(self, points: Points, weights: Points, width: float) -> Array:
        """Draw lines of one width; one thinner than a pixel comes out fainter, as a thin wire does.

        Args:
            points: dense points on the lines, (N, 2).
            weights: length that each point stands for, times the height of the line, (N,).
            width: width of the lines.
        """
        film: Array = np.zeros_like(self.u)
        place = self.positioning.to_image(points) * self.size - 0.5
        near = ((place > -1) & (place < self.size)).all(axis=1)
        if not near.any():
            return film
        x, y = place[near].T
        weights = weights[near] * (width / self.pixel**2)
        column, row = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
        right, down = (x - column) * weights, y - row
        sigma = max(0.4 * width / self.pixel, 0.5)
        margin = math.ceil(3 * sigma)
        left, top = int(column.min()) - margin, int(row.min()) - margin
        wide, tall = int(column.max()) + margin + 2 - left, int(row.max()) + margin + 2 - top
        total = np.zeros(wide * tall)
        first = (row - top) * wide + column - left
        for step, share in ((0, weights - right), (1, right)):
            total += np.bincount(first + step, share * (1 - down), total.size)
            total += np.bincount(first + step + wide, share * down, total.size)
        lines = total.reshape(tall, wide).astype(np.float32)
        lines = gaussian_filter(lines, sigma, mode="constant", truncate=3.0)
        rows = slice(max(top, 0), min(top + tall, self.size))
        columns = slice(max(left, 0), min(left + wide, self.size))
        film[rows, columns] = lines[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
        return film

    def polyline(self, path: Points, width: float, height: float = 1.0) -> Array:
        """Draw one smooth line through corners.

        Args:
            path: the corners, (N, 2).
            width: width of the line.
            height: height along its middle.
        """
        points, steps = smooth_path(path)
        return self.strokes(points, height * steps, width)

    def noise(self, rng: np.random.Generator, cells: int) -> Array:
        """Draw smooth noise of unit deviation, with about `cells` bumps along the film's side."""
        basis = _basis(self.size, cells)
        lattice = rng.standard_normal((cells + 4, cells + 4), dtype=np.float32)
        return np.asarray(basis @ (basis @ lattice).T, np.float32)


def smooth_path(path: Points) -> tuple[Points, Points]:
    """Return a dense Catmull-Rom curve through a path.

    Args:
        path: corners, (N, 2).

    Returns:
        Points of the curve (M, 2), and the length that each of them covers (M,).
    """
    ends = np.concatenate([2 * path[:1] - path[1:2], path, 2 * path[-1:] - path[-2:-1]])
    t = _FRACTIONS
    before, start, stop, after = (ends[i : len(ends) - 3 + i][:, None] for i in range(4))
    curve = 0.5 * (
        2 * start
        + (stop - before) * t
        + (2 * before - 5 * start + 4 * stop - after) * t**2
        + (3 * start - before - 3 * stop + after) * t**3
    ).reshape(-1, 2)
    steps = np.linalg.norm(np.diff(curve, axis=0, append=path[-1:]), axis=1)
    return curve, steps


@lru_cache(maxsize=32)
def _basis(size: int, cells: int) -> csr_array:
    """Gaussian bumps on a lattice seen from each pixel, (size, cells + 4), rows of unit norm."""
    x = (np.arange(size) + 0.5) / size * cells
    bumps = np.exp(-0.5 * ((x[:, None] - (np.arange(cells + 4) - 1.5)) / 0.6) ** 2)
    bumps[bumps < 1e-4] = 0
    return csr_array((bumps / np.linalg.norm(bumps, axis=1, keepdims=True)).astype(np.float32))
