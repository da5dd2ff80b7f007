"""From an image of any shape to a square one."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Fit = Literal["crop", "pad"]


def fit(image: NDArray[np.uint8], size: int, how: Fit = "pad") -> NDArray[np.uint8]:
    """Resample an image to a square, and keep its aspect.

    Resampling is bilinear, over all pixels that an output pixel covers.

    Args:
        image: grey levels, uint8 (height, width).
        size: side of the square, in pixels.
        how: "pad" makes the long side `size` and adds black on both sides of the short one. "crop"
            makes the short side `size` and cuts the ends of the long one, which may hold the
            costophrenic angles or the apices.

    Returns:
        Grey levels, uint8 (size, size).
    """
    height, width = image.shape
    if height == width == size:
        return image
    if how == "pad":
        return _pad(image, size)
    side = min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    square = (left, top, left + side, top + side)
    resampled = Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR, box=square)
    return np.asarray(resampled)


def inside(shape: tuple[int, int], size: int, how: Fit) -> tuple[slice, slice]:
    """Return where in the square of `fit` the image is: the rows and the columns without padding.

    Args:
        shape: height and width of the image.
        size: side of the square, in pixels.
        how: as in `fit`.
    """
    if how == "crop":
        return slice(None), slice(None)
    height, width = _padded_shape(shape, size)
    top, left = (size - height) // 2, (size - width) // 2
    return slice(top, top + height), slice(left, left + width)


def cut_share(height: int, width: int, how: Fit) -> float:
    """Return the share of an image's area that `fit` cuts away, 0 to 1."""
    return 1 - min(height, width) / max(height, width) if how == "crop" else 0.0


def _pad(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    height, width = _padded_shape(image.shape, size)
    small = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    padded = np.zeros((size, size), dtype=np.uint8)
    padded[inside(image.shape, size, "pad")] = np.asarray(small)
    return padded


def _padded_shape(shape: tuple[int, int], size: int) -> tuple[int, int]:
    scale = size / max(shape)
    height, width = (max(1, round(side * scale)) for side in shape)
    return height, width
