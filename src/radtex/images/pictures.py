"""Pictures through Pillow, a JPEG at a fraction of its size where that is enough."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PICTURE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".webp")
)
"""How the names of pictures end, in small letters, that are looked for in a folder. What a file is
called says nothing of what it is: its bytes decide."""

MAX_PIXELS = 2**26
"""Pixels above which an image is refused before it is decoded; no radiograph comes near."""

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")

_MAX_SCANS = 100
"""Scans of a progressive JPEG; each costs the time of a whole image, and ten are usual."""


def decode_picture(
    data: bytes, enough: int | None = None
) -> NDArray[np.uint8 | np.uint16 | np.int32]:
    """Decode a PNG, JPEG, TIFF, BMP or WebP; colour becomes luminance, and transparency is ignored.

    Args:
        data: the file.
        enough: as in `radtex.images.read_image`.

    Returns:
        Grey levels (height, width), uint8, or deeper where the picture is.

    Raises:
        Image.DecompressionBombError: The image has more than `MAX_PIXELS` pixels.
        Exception: whatever Pillow raises on damaged data.
    """
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise Image.DecompressionBombError
        if image.format == "JPEG" and data.count(b"\xff\xda") > _MAX_SCANS:
            raise ValueError("too many scans")
        if enough is not None:
            image.draft("L", _draft_size(image.size, enough))
        deep = image.mode.startswith("I")
        return np.array(image if deep else image.convert("L"))


def _draft_size(size: tuple[int, int], enough: int) -> tuple[int, int]:
    scale = 2 * enough / min(size)
    return round(size[0] * scale), round(size[1] * scale)
