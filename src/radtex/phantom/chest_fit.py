"""Where the chest lies on a real film: the phantom's lungs and heart are fitted to it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_opening, gaussian_filter, label

from radtex.phantom.anatomy import Anatomy, Array, sample_anatomy
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.thorax import heart, lung
from radtex.phantom.technique import Positioning

LEAST_FIT = 0.77
"""Correlation of the fitted lungs with the film's darkness below which they count as not found."""

LARGEST_HEART = 0.52
"""Cardiothoracic ratio above which a film "without findings" is not believed."""

LEAST_HEART = 0.1
"""Share of the half thorax that the heart must reach on both sides of the middle."""

LARGEST_TILT = 0.12
"""Difference between the hemidiaphragms above which such a film is not believed either.

In body coordinates."""

LEAST_CONTRAST = 30
"""Grey levels between aerated lung and soft tissue."""

_SIDE = 40
"""Side in pixels of the film on which the chest is sought."""

_HALF_WIDTH, _APEX = 0.365, 0.12
"""Of the phantom's usual chest, which gives the scale."""

_USUAL = sample_anatomy(np.random.default_rng(0), "M", 50)


@dataclass(frozen=True)
class Outline:
    """The outline of a chest in fractions of the film; right is the patient's right."""

    middle: float
    """`x` of the midline."""
    half_width: float
    """Distance from the middle to the inner chest wall."""
    apex: float
    """`y` of the lung apices."""
    right_dome: float
    """`y` of the top of the right hemidiaphragm."""
    left_dome: float
    """`y` of the top of the left hemidiaphragm."""
    right_heart: float
    """Distance of the right heart border from the middle."""
    left_heart: float
    """Distance of the left heart border from the middle."""

    @property
    def positioning(self) -> Positioning:
        """Where the phantom stands if its apices and its inner chest wall lie here."""
        scale = self.half_width / _HALF_WIDTH
        shift = (self.middle - 0.5, self.apex - 0.5 - scale * (_APEX - 0.5))
        return Positioning(scale, 0.0, shift)

    @property
    def anatomy(self) -> Anatomy:
        """A usual chest with this outline, in the body coordinates of `positioning`."""
        scale = self.half_width / _HALF_WIDTH
        heart_width = (self.right_heart + self.left_heart) / scale
        return replace(
            _USUAL,
            half_width=_HALF_WIDTH,
            apex=_APEX,
            dome=(
                _APEX + (self.right_dome - self.apex) / scale,
                _APEX + (self.left_dome - self.apex) / scale,
            ),
            heart_ratio=heart_width / (2 * _HALF_WIDTH),
            midline=0.33 * heart_width - self.right_heart / scale,
        )


_COMMON = Outline(0.5, 0.36, 0.12, 0.68, 0.7, 0.11, 0.21)
_DOMES = ("right_dome", "left_dome")
_MOVES = (("apex", *_DOMES), _DOMES, *((name,) for name in vars(_COMMON)))
"""What is moved together when an outline is improved."""

_STEPS = (0.02, 0.008)


@dataclass(frozen=True)
class Chest:
    """The chest of a real film."""

    outline: Outline
    """Where it lies."""
    fit: float
    """Correlation of the fitted lungs with the film's darkness, -1 to 1."""
    lung: float
    """Grey level of the lungs, 0 to 255."""
    heart: float
    """Grey level of the heart, 0 to 255."""
    abdomen: float
    """Grey level below the diaphragm, 0 to 255."""

    @property
    def anatomy(self) -> Anatomy:
        """The phantom's chest that has this outline."""
        return self.outline.anatomy

    @property
    def positioning(self) -> Positioning:
        """Where that chest stands on the film."""
        return self.outline.positioning

    @property
    def is_usable(self) -> bool:
        """Whether lungs and heart were found, and look as on a film without findings."""
        right, left = self.anatomy.dome
        heart = min(self.outline.right_heart, self.outline.left_heart)
        return (
            self.fit >= LEAST_FIT
            and heart >= LEAST_HEART * self.outline.half_width
            and self.anatomy.heart_ratio <= LARGEST_HEART
            and abs(right - left) <= LARGEST_TILT
            and min(self.heart, self.abdomen) - self.lung >= LEAST_CONTRAST
        )


def fit_chest(film: NDArray[np.uint8]) -> Chest:
    """Find the chest on a frontal film.

    Dark regions inside the body give first outlines, one for each of several thresholds. The
    outline whose lungs correlate best with the film, without its slow changes, is then improved
    by small steps.

    Args:
        film: grey levels, uint8 (S, S).

    Returns:
        The best chest, which may be none: `Chest.is_usable` says whether one was found.
    """
    small = Image.fromarray(film).resize((_SIDE, _SIDE), Image.Resampling.BOX)
    smooth = gaussian_filter(np.asarray(small, np.float32), 0.5)
    local = smooth - gaussian_filter(smooth, 0.25 * _SIDE)
    outlines = [*_first_outlines(smooth), *_first_outlines(local), _COMMON]
    fits = [_correlation(local, outline) for outline in outlines]
    best, outline = max(zip(fits, outlines, strict=True), key=lambda pair: pair[0])
    for change in (change for step in _STEPS for change in (-step, step)):
        for names in _MOVES:
            while True:
                moved = {name: getattr(outline, name) + change for name in names}
                candidate = replace(outline, **moved)
                fit = _correlation(local, candidate)
                if fit <= best + 1e-4:
                    break
                best, outline = fit, candidate
    return _measured(smooth, outline, best)


def _first_outlines(film: Array) -> Iterator[Outline]:
    """An outline for each threshold at which two dark regions lie inside the body."""
    low, high = np.percentile(film[4:-4, 4:-4], (3, 90))
    for share in np.arange(0.25, 0.85, 0.1):
        regions, count = label(binary_opening(film < low + share * (high - low)))
        sizes = np.bincount(regions.ravel(), minlength=count + 1)
        outside = np.concatenate([regions[:, 0], regions[:, -1], regions[0], regions[-1], [0]])
        sizes[outside] = 0
        largest = np.argsort(sizes)[-2:]
        if len(largest) < 2 or sizes[largest].min() < 0.03 * film.size:
            continue
        places = [np.nonzero(regions == number) for number in largest]
        (y1, x1), (y2, x2) = sorted(places, key=lambda place: float(place[1].mean()))
        first, last = np.percentile(x1, 2) / _SIDE, np.percentile(x2, 98) / _SIDE
        half_width = (last - first) / 2
        yield Outline(
            middle=(first + last) / 2,
            half_width=half_width,
            apex=(min(np.percentile(y1, 1), np.percentile(y2, 1)) - 1) / _SIDE,
            right_dome=np.percentile(y1, 95) / _SIDE,
            left_dome=np.percentile(y2, 95) / _SIDE,
            right_heart=0.28 * half_width,
            left_heart=0.58 * half_width,
        )


def _lungs(canvas: Canvas, anatomy: Anatomy) -> Array:
    both = lung(canvas, anatomy, "right") + lung(canvas, anatomy, "left")
    return np.asarray(both * (1 - heart(canvas, anatomy)))


def _correlation(film: Array, outline: Outline) -> float:
    """Correlate the lungs of an outline with the film's darkness, in a box around the thorax.

    The result is -1 if that box is not on the film or if the outline has no heart, and 0 if the
    film is of one grey.
    """
    if outline.right_heart + outline.left_heart <= 0:
        return -1.0
    anatomy, canvas = outline.anatomy, Canvas(outline.positioning, _SIDE)
    box = (np.abs(canvas.u) < anatomy.half_width + 0.05) & (canvas.v > 0.08)
    box &= canvas.v < max(anatomy.dome) + 0.12
    if box.sum() < 0.05 * film.size:
        return -1.0
    lungs, dark = _lungs(canvas, anatomy)[box], -film[box]
    lungs, dark = lungs - lungs.mean(), dark - dark.mean()
    spread = float(np.sqrt((lungs @ lungs) * (dark @ dark)))
    return float(lungs @ dark) / spread if spread else 0.0


def _measured(film: Array, outline: Outline, fit: float) -> Chest:
    anatomy, canvas = outline.anatomy, Canvas(outline.positioning, _SIDE)
    base = max(anatomy.dome)
    below = (canvas.v > base + 0.03) & (canvas.v < base + 0.1) & (np.abs(canvas.u) < 0.2)
    regions = (_lungs(canvas, anatomy) > 0.8, heart(canvas, anatomy) > 0.7, below)
    levels = [float(np.median(film[region])) if region.any() else 0.0 for region in regions]
    return Chest(outline, fit, *levels)
