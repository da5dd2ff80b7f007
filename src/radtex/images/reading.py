"""PNG and JPEG files to 8-bit grey pixels."""

import io
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from radtex.errors import ImageError

Fit = Literal["crop", "pad"]
Intensity = Literal["window", "equalize"]

MAX_PIXELS = 2**26
"""Larger images are refused before they are decoded: no radiograph comes near."""


def read_image(
    source: Path | str | bytes, enough: int | None = None, intensity: Intensity = "window"
) -> NDArray[np.uint8]:
    """Read a PNG or JPEG as grey levels, uint8 (height, width), 0 is black.

    source: a path, or the bytes of the file.
    enough: a short side in pixels that will do. A JPEG may then be decoded at a half, a quarter
    or an eighth of its size, but to no less than twice `enough`.

    intensity: "window" keeps the grey levels as they are; "equalize" equalises their histogram.

    Colour becomes luminance (ITU-R 601-2) and transparency is ignored. Images of 16 bits are
    scaled by their own range: their darkest pixel becomes 0, their brightest 255.

    Raises `ImageError` if the image is damaged or truncated, of another format, of more than
    `MAX_PIXELS` pixels, or of one colour, and the usual `OSError` if there is no such file.
    """
    name = "the image" if isinstance(source, bytes) else str(source)
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    pixels = _decode(data, name, enough)
    darkest, brightest = pixels.min(), pixels.max()
    if darkest == brightest:
        raise ImageError(f"{name} holds one colour only; a radiograph was expected")
    if pixels.dtype != np.uint8:
        pixels = np.rint((pixels - float(darkest)) * (255.0 / (float(brightest) - darkest)))
    grey = pixels.astype(np.uint8, copy=False)
    return _equalize(grey) if intensity == "equalize" else grey


def fit(image: NDArray[np.uint8], size: int, how: Fit = "crop") -> NDArray[np.uint8]:
    """Return an image resampled to uint8 (size, size), with its aspect kept.

    how: "crop" makes the short side `size` and cuts the ends of the long one; "pad" makes the
    long side `size` and adds black on both sides of the short one.
    Resampling is bilinear, over all pixels that an output pixel covers.
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


def _equalize(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(ImageOps.equalize(Image.fromarray(image)))


def _pad(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    scale = size / max(image.shape)
    height, width = (max(1, round(side * scale)) for side in image.shape)
    small = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    padded = np.zeros((size, size), dtype=np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    padded[top : top + height, left : left + width] = np.asarray(small)
    return padded


def _decode(data: bytes, name: str, enough: int | None) -> NDArray[np.uint8 | np.uint16 | np.int32]:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            if enough is not None:
                image.draft("L", _draft_size(image.size, enough))
            deep = image.mode.startswith("I")
            return np.array(image if deep else image.convert("L"))
    except Image.DecompressionBombError as error:
        raise ImageError(
            f"{name} has more than {MAX_PIXELS:,} pixels; a radiograph was expected"
        ) from error
    except Exception as error:  # Pillow's decoders raise a dozen types on damaged data
        raise ImageError(f"{name} is damaged, truncated, or neither PNG nor JPEG") from error


def _draft_size(size: tuple[int, int], enough: int) -> tuple[int, int]:
    scale = 2 * enough / min(size)
    return round(size[0] * scale), round(size[1] * scale)
