"""Images that are no chest radiographs, drawn here: what a limit of abstention is tried on.

Nothing is read or fetched. The same seed gives the same pictures.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from radtex.images.squaring import Fit, fit

Pixels = NDArray[np.uint8]
"""Grey levels, (H, W)."""
DRAWN = 30
"""Pictures of each kind."""
_SIDE = 256
_TEXT = "the of and to in a is that for it was on are as with his they at be this from have or by"
_WORDS = _TEXT.split()


def non_radiographs(size: int, how: Fit, seed: int = 0) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Draw DRAWN pictures of each kind.

    Args:
        size: side of the images, in pixels.
        how: how they become square.
        seed: of the drawing; each kind has its own stream.

    Yields:
        The kind, and its pictures, uint8 (DRAWN, size, size).
    """
    for number, (kind, draw) in enumerate(_KINDS.items()):
        rng = np.random.default_rng([seed, number])
        yield kind, np.stack([fit(draw(rng), size, how) for _ in range(DRAWN)])


def wrong_films(films: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield films as they should not be: inverted, upside down and on their side.

    Args:
        films: right ones, uint8 (n, S, S).
    """
    for kind, change in _WRONG.items():
        yield kind, np.ascontiguousarray(change(films))


def _page(rng: np.random.Generator) -> Pixels:
    """Dark lines of words on white paper."""
    page = Image.new("L", (_SIDE, _SIDE), 255)
    step = int(rng.integers(10, 20))
    for y in range(8, _SIDE - step, step):
        line = " ".join(rng.choice(_WORDS, rng.integers(4, 14)))
        ImageDraw.Draw(page).text((8, y), line, fill=0)
    return np.asarray(page)


def _screen(rng: np.random.Generator) -> Pixels:
    """A screenshot: panels, some with words."""
    screen = Image.new("L", (_SIDE, _SIDE), int(rng.integers(0, 256)))
    pen = ImageDraw.Draw(screen)
    for _ in range(rng.integers(3, 9)):
        left, top = rng.integers(0, _SIDE - 40, 2).tolist()
        width, height = rng.integers(30, 180, 2).tolist()
        ground = int(rng.integers(0, 256))
        pen.rectangle((left, top, left + width, top + height), ground)
        for y in range(top + 4, min(top + height, _SIDE) - 10, 14):
            words = " ".join(rng.choice(_WORDS, max(width // 30, 1)))
            pen.text((left + 4, y), words, fill=(ground + 128) % 256)
    return np.asarray(screen)


def _noise(rng: np.random.Generator) -> Pixels:
    return rng.integers(0, 256, (_SIDE, _SIDE), dtype=np.uint8)


def _clouds(rng: np.random.Generator) -> Pixels:
    """Noise as smooth as the anatomy of a film."""
    return _grey(gaussian_filter(rng.normal(size=(_SIDE, _SIDE)), rng.uniform(4, 40), mode="wrap"))


def _gradient(rng: np.random.Generator) -> Pixels:
    """Grey that changes along a line, or from a point."""
    y, x = np.mgrid[:_SIDE, :_SIDE] / _SIDE - 0.5
    if rng.random() < 0.5:
        angle = rng.uniform(0, 2 * np.pi)
        return _grey(np.cos(angle) * x + np.sin(angle) * y)
    return _grey(np.hypot(x - rng.uniform(-0.5, 0.5), y - rng.uniform(-0.5, 0.5)))


def _leaves(rng: np.random.Generator) -> Pixels:
    """Discs that cover each other, of sizes as of things in photographs.

    Their radii follow r⁻³, which gives edges and spectra like those of natural images (Lee,
    Mumford and Huang 2001, Int. J. Comput. Vis. 41:35).
    """
    y, x = np.mgrid[:_SIDE, :_SIDE]
    picture = np.full((_SIDE, _SIDE), rng.uniform(0, 255))
    radii = 4 / np.sqrt(1 - rng.random(400) * (1 - (4 / 90) ** 2))
    for radius in radii:
        down, across = rng.uniform(0, _SIDE, 2)
        picture[(y - down) ** 2 + (x - across) ** 2 < radius**2] = rng.uniform(0, 255)
    return (picture + rng.normal(0, 4, picture.shape)).clip(0, 255).astype(np.uint8)


def _texture(rng: np.random.Generator) -> Pixels:
    """Noise whose amplitude falls as one over frequency, as that of natural images (Field 1987)."""
    down, across = np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE)
    frequency = np.hypot(down, across)
    frequency[0, 0] = 1
    spectrum = np.fft.rfft2(rng.normal(size=(_SIDE, _SIDE))) / frequency ** rng.uniform(0.8, 1.3)
    return _grey(np.fft.irfft2(spectrum, (_SIDE, _SIDE)))


def _grey(values: NDArray[np.float64]) -> Pixels:
    return np.asarray(255 * (values - values.min()) / np.ptp(values)).astype(np.uint8)


_KINDS: Mapping[str, Callable[[np.random.Generator], Pixels]] = {
    "pages of text": _page,
    "screenshots": _screen,
    "white noise": _noise,
    "smooth noise": _clouds,
    "gradients": _gradient,
    "pictures of discs": _leaves,
    "natural textures": _texture,
}
_WRONG: Mapping[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    "inverted films": lambda films: 255 - films,
    "films upside down": lambda films: films[:, ::-1],
    "films on their side": lambda films: np.rot90(films, axes=(1, 2)),
}
