"""Cues that no radiologist would use, measured on films.

Those that are free of location hold nothing of where a thing lies on the film. What tells a label
by them tells it by the film's making.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Films = NDArray[np.uint8]
Features = NDArray[np.floating[Any]]

EDGE = 0.12
"""Share of the film's side that a border strip and a corner take."""

_RINGS = 32
_FROM, _TO = 0.25, 2**0.5
"""Range of the spectrum, in Nyquist frequencies; the corners of the plane reach the square root of
two."""
_TAILS = (0.1, 0.5, 1, 2, 5, 95, 98, 99, 99.5, 99.9)
"""Percentiles."""

_FILES: tuple[Mapping[str, Any], ...] = (
    {"format": "PNG"},
    {"format": "JPEG", "quality": 90},
    {"format": "JPEG", "quality": 50},
)


@dataclass(frozen=True)
class Cue:
    """One cue."""

    name: str
    """What tables and sentences call it."""
    location_free: bool
    """Whether it holds nothing of where a thing lies."""
    measure: Callable[[Films], Features]
    """From films, uint8 (n, S, S), to features (n, k)."""


def spectrum(films: Films) -> Features:
    """Measure the shape of the radial power spectrum above a quarter of Nyquist.

    Returns:
        Log power in rings of frequency, less its mean over the rings: neither brightness nor
        contrast changes it.
    """
    size = films.shape[1]
    grey = films - films.mean(axis=(1, 2), keepdims=True, dtype=np.float32)
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    power = np.abs(np.fft.rfft2(grey * window * window[:, None])) ** 2
    # The share of rounding to whole grey levels, below which a spectrum says nothing.
    floor = size**2 / 12 * 0.14
    logs = np.log(power.reshape(len(films), -1) @ _rings(size) + floor)
    return np.asarray(logs - logs.mean(1, keepdims=True))


def histogram_tails(films: Films) -> Features:
    """Measure extreme percentiles, the shares of black and white, and the share of unused greys."""
    flat = films.reshape(len(films), -1)
    percentiles = np.percentile(flat, _TAILS, axis=1).T
    ends = np.stack([(flat == 0).mean(1), (flat == 255).mean(1)], 1)
    return np.concatenate([percentiles, np.sqrt(ends), _unused(flat)[:, None]], 1)


def file_size(films: Films) -> Features:
    """Measure the bytes that a film takes as PNG and as JPEG of two qualities, as logarithms."""
    return np.array([[np.log(_bytes(film, kind)) for kind in _FILES] for film in films])


def strip(side: str) -> Callable[[Films], Features]:
    """Return what measures a border strip: mean and spread of the greys in two rows of cells."""

    def measure(films: Films) -> Features:
        turned = films if side in ("top", "bottom") else films.swapaxes(1, 2)
        if side in ("bottom", "right"):
            turned = turned[:, ::-1]
        grey = turned[:, : _edge(films)].astype(np.float32)
        means = thumbnail(grey, 2, 16)
        variance = np.maximum(thumbnail(grey * grey, 2, 16) - means * means, 0)
        return np.concatenate([means, np.log1p(np.sqrt(variance))], 1)

    return measure


def corners(films: Films) -> Features:
    """Measure the four corners, as letters and marks change them: extremes, spread and mean."""
    edge = _edge(films)
    parts = [films[:, y, x] for y in (slice(edge), slice(-edge, None)) for x in _ends(edge)]
    flat = np.stack([part.reshape(len(films), -1) for part in parts], 1).astype(np.float32)
    measured = [flat.mean(2), flat.std(2), flat.min(2), flat.max(2)]
    return np.concatenate(measured, 1)


def thumbnail(films: Films | Features, rows: int = 8, columns: int = 8) -> Features:
    """Measure mean greys on a grid of at most rows × columns cells, flat."""
    means: Features = films.astype(np.float32)
    for axis, wanted in ((1, rows), (2, columns)):
        side = means.shape[axis]
        edges = np.linspace(0, side, min(wanted, side) + 1).round().astype(int)
        counts = np.diff(edges).astype(np.float32)
        sums = np.add.reduceat(means, edges[:-1], axis)
        means = sums / (counts[:, None] if axis == 1 else counts)
    return means.reshape(len(films), -1)


CUES = (
    Cue("spectrum", True, spectrum),
    Cue("histogram tails", True, histogram_tails),
    Cue("file size", True, file_size),
    Cue("top strip", False, strip("top")),
    Cue("bottom strip", False, strip("bottom")),
    Cue("left strip", False, strip("left")),
    Cue("right strip", False, strip("right")),
    Cue("corners", False, corners),
    Cue("8 × 8 thumbnail", False, thumbnail),
)
"""All that are measured. Left and right are those of the image."""


def _edge(films: Films) -> int:
    return max(round(EDGE * len(films[0])), 1)


def _ends(edge: int) -> tuple[slice, slice]:
    return slice(edge), slice(-edge, None)


def _unused(flat: Films) -> Features:
    """Share of the greys between the 1st and 99th percentile that no pixel has."""
    low, high = np.percentile(flat, (1, 99), axis=1, method="nearest").astype(int)
    used = np.zeros((len(flat), 256), bool)
    used[np.arange(len(flat))[:, None], flat] = True
    before = np.concatenate([np.zeros((len(flat), 1)), used.cumsum(1)], 1)
    rows = np.arange(len(flat))
    return np.asarray(1 - (before[rows, high + 1] - before[rows, low]) / (high + 1 - low))


def _bytes(film: Films, kind: Mapping[str, Any]) -> int:
    out = io.BytesIO()
    Image.fromarray(film).save(out, **kind)
    return out.tell()


@lru_cache(maxsize=4)
def _rings(size: int) -> Features:
    """Weights (size · (size // 2 + 1), rings) that average power over each ring."""
    rings = max(1, min(_RINGS, int((_TO - _FROM) * size / 2)))
    radius = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)) * 2
    place = np.floor((radius - _FROM) / (_TO - _FROM) * rings).ravel().astype(int)
    weights = (place[:, None] == np.arange(rings)).astype(np.float32)
    # The half plane lacks the mirror images of all columns but the first and, of an even side, the
    # last.
    twice = np.full(radius.shape, 2, np.float32)
    twice[:, [0] if size % 2 else [0, -1]] = 1
    weights *= twice.reshape(-1, 1)
    return np.asarray(weights / np.maximum(weights.sum(0), 1))
