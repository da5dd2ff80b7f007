"""From the samples of an image to its grey levels, and what is refused of any image."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MAX_PIXELS = 2**26
"""Pixels above which an image is refused before it is decoded; no radiograph comes near."""

MAX_SCANS = 100
"""Scans of a progressive JPEG; each costs the time of a whole image, and ten are usual."""

N = TypeVar("N", bound=np.generic)
_ROWS = 64
_LUMINANCE = np.array([0.299, 0.587, 0.114])
"""Luminance of red, green and blue (ITU-R 601-2)."""


class UnreadImageError(Exception):
    """An image is whole, but not as a radiograph is; the file's name before it makes a sentence."""


def grey_levels(image: Image.Image) -> NDArray[Any]:
    """Return the grey levels of a picture of Pillow's, as deep as it has them."""
    return np.array(image if image.mode.startswith(("I", "F")) else image.convert("L"))


def luminance(samples: NDArray[Any]) -> NDArray[Any]:
    """Return the grey levels of samples (height, width, 1 to 4): grey or RGB, then transparency."""
    if samples.shape[2] <= 2:
        return samples[..., 0]
    return by_rows(samples, lambda rows: rows[..., :3] @ _LUMINANCE, np.float64)


def by_rows(
    samples: NDArray[Any], make: Callable[[NDArray[Any]], NDArray[Any]], kind: type[N]
) -> NDArray[N]:
    """Make an image some rows at a time, so that what lies between takes little memory.

    Args:
        samples: (height, width, …).
        make: from some rows to as many rows of the image.
        kind: of its values.

    Returns:
        The image (height, width).
    """
    made = np.empty(samples.shape[:2], dtype=kind)
    for at in range(0, len(samples), _ROWS):
        made[at : at + _ROWS] = make(samples[at : at + _ROWS])
    return made
