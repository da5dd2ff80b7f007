"""Pictures to grey levels, a JPEG at a fraction of its size where that is enough."""

import io
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radtex.images.jpeg_streams import ends_early, image_begins
from radtex.images.pixel_samples import (
    MAX_PIXELS,
    MAX_SCANS,
    UnreadImageError,
    grey_levels,
    luminance,
)
from radtex.images.tiff_pages import decode_tiff
from radtex.images.tiff_tags import ORIENTATION, Directory, directories

PICTURE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".webp")
)
"""How the names of pictures end, in small letters, that are looked for in a folder. What a file is
called says nothing of what it is: its bytes decide."""

_FORMATS = ("PNG", "JPEG", "BMP", "WEBP")
_JPEG = b"\xff\xd8"
_CUT = "the data end before the image does"
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_UPRIGHT: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.T,
    6: lambda pixels: pixels[::-1].T,
    7: lambda pixels: pixels[::-1, ::-1].T,
    8: lambda pixels: pixels[:, ::-1].T,
}
"""From stored to upright, by EXIF's orientation; 1 is upright."""


def decode_picture(data: bytes, enough: int | None = None) -> NDArray[Any]:
    """Decode a PNG, JPEG, TIFF, BMP or WebP, and turn it upright as its EXIF says.

    Colour becomes luminance, and transparency is ignored, as are gamma and colour profiles.

    Args:
        data: the file.
        enough: as in `radtex.images.read_image`.

    Returns:
        Grey levels (height, width): uint8, or of another type where a sample has more than 8 bits.
        Bright is high.

    Raises:
        UnreadImageError: The file holds several pictures, or is a TIFF of an unusual kind.
        Image.DecompressionBombError: The image has more than `MAX_PIXELS` pixels.
        Exception: whatever the codecs raise on damaged data.
    """
    if data.startswith(_TIFF):
        pixels, orientation = decode_tiff(data)
    else:
        if data.startswith(_JPEG):
            image_begins(data)
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _refuse_bombs(image, data)
            # The further pictures of a camera's JPEG are smaller copies.
            if image.format in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
                raise UnreadImageError("is an animation; one radiograph was expected")
            if enough is not None:
                image.draft("L", _draft_size(image.size, enough))
            pixels = grey_levels(image)
            if _is_deep_colour(data):
                pixels = _deep_colour(data)
            orientation = _orientation(image.info)
        if data.startswith(_JPEG) and ends_early(data, pixels, _small):
            raise ValueError(_CUT)
    return np.ascontiguousarray(_UPRIGHT.get(orientation, np.asarray)(pixels))


def decode_jpeg(data: bytes, enough: int | None = None) -> NDArray[np.uint8]:
    """Decode a JPEG within another file, whose EXIF does not count.

    Args:
        data: the JPEG.
        enough: as in `radtex.images.read_image`.

    Raises:
        Image.DecompressionBombError: The image has more than `MAX_PIXELS` pixels.
        Exception: whatever Pillow raises on damaged data.
    """
    image_begins(data)
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        _refuse_bombs(image, data)
        if enough is not None:
            image.draft("L", _draft_size(image.size, enough))
        pixels = grey_levels(image)
    if ends_early(data, pixels, _small):
        raise ValueError(_CUT)
    return pixels


def _small(data: bytes) -> NDArray[Any]:
    """Decode a JPEG at an eighth of its size, or whole where the small one lacks what scans add."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        if not image.info.get("progressive"):
            image.draft("L", (1, 1))
        return grey_levels(image)


def _refuse_bombs(image: Image.Image, data: bytes) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError
    if image.format in ("JPEG", "MPO") and data.count(b"\xff\xda") > MAX_SCANS:
        raise ValueError("too many scans")


def _orientation(info: dict[Any, Any]) -> int:
    """Return the orientation that EXIF states; upright where it is damaged, as viewers take it."""
    try:
        exif = info.get("exif") or b""
        if text := info.get("Raw profile type exif"):  # of older PNG
            exif = bytes.fromhex("".join(text.split("\n")[3:]))
        tags = next(directories(exif.removeprefix(b"Exif\0\0")), Directory())
        return tags.first(ORIENTATION, 1)
    except (ValueError, struct.error):
        return 1


def _is_deep_colour(data: bytes) -> bool:
    """Tell a PNG of 16 bits and several samples, of which Pillow keeps 8 bits."""
    depth, kind = data[24:26]
    return data.startswith(b"\x89PNG") and depth == 16 and kind != 0


def _deep_colour(data: bytes) -> NDArray[Any]:
    from imagecodecs import png_decode

    return luminance(png_decode(data))


def _draft_size(size: tuple[int, int], enough: int) -> tuple[int, int]:
    scale = 2 * enough / min(size)
    return round(size[0] * scale), round(size[1] * scale)
