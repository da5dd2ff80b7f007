"""TIFF to grey levels: its one page, of any depth.

imagecodecs, with libtiff, decodes grey, and whatever has more than 8 bits: Pillow refuses some of
it, and shows some at 8 bits or without regard to what stands for white. Pillow decodes all else.
"""

import io
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radtex.images.pixel_samples import (
    MAX_PIXELS,
    MAX_SCANS,
    UnreadImageError,
    grey_levels,
    luminance,
)
from radtex.images.tiff_tags import ORIENTATION, Directory, directories

_MAX_PAGES = 64

_SUBFILE, _OLD_SUBFILE = 254, 255
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _MEANING = 256, 257, 258, 259, 262
_STRIPS, _SAMPLES, _PLANES, _TILES = 273, 277, 284, 324
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_READ = {
    *((_WHITE_IS_ZERO, 1), (_WHITE_IS_ZERO, 2)),
    *((_BLACK_IS_ZERO, 1), (_BLACK_IS_ZERO, 2), (_RGB, 3), (_RGB, 4)),
}
"""What the samples mean, and how many a pixel has; the last of 2 and 4 is transparency."""
_UNREAD = "is a TIFF whose samples are neither grey nor RGB in a usual way; convert it to PNG"
_JPEG = (6, 7)
_BY_PLANE = 2
_COPY_OR_MASK = 0b101
_MAX_SAMPLE_BYTES = 8 * MAX_PIXELS


def decode_tiff(data: bytes) -> tuple[NDArray[Any], Any]:
    """Decode the one picture of a TIFF; smaller copies and masks beside it do not count.

    Args:
        data: the file.

    Returns:
        Grey levels (height, width), bright is high; and the orientation in which they stand, as
        EXIF counts it.

    Raises:
        UnreadImageError: The file holds several pictures, or samples that are neither grey nor
            RGB in a usual way.
        Image.DecompressionBombError: The image has more than `MAX_PIXELS` pixels.
        Exception: whatever the codecs raise on damaged data.
    """
    number, tags = _picture(data)
    if tags.first(_WIDTH, 0) * tags.first(_HEIGHT, 0) > MAX_PIXELS:
        raise Image.DecompressionBombError
    _refuse_scans(data, tags)
    depth, meaning = max(tags.numbers.get(_BITS, (1,))), tags.first(_MEANING, -1)
    grey = meaning in (_WHITE_IS_ZERO, _BLACK_IS_ZERO)
    # 12-bit samples are packed, which Pillow undoes.
    if (depth >= 8 if grey else depth > 8) and depth != 12:
        return _by_libtiff(data, number, tags, depth), tags.first(ORIENTATION, 1)
    if meaning == _WHITE_IS_ZERO and tags.first(_PLANES, 1) == _BY_PLANE:
        raise UnreadImageError(_UNREAD)  # Pillow takes black for white
    with Image.open(io.BytesIO(data), formats=("TIFF",)) as image:
        image.seek(number)
        return grey_levels(image), 1  # which Pillow has turned already


def _picture(data: bytes) -> tuple[int, Directory]:
    """Return number and tags of the page that is neither a smaller copy nor a mask."""
    pages = list(islice(directories(data), _MAX_PAGES + 1))
    whole = [
        (number, tags)
        for number, tags in enumerate(pages)
        if not tags.first(_SUBFILE, 0) & _COPY_OR_MASK and tags.first(_OLD_SUBFILE, 1) != 2
    ]
    if len(whole) > 1 or len(pages) > _MAX_PAGES:
        raise UnreadImageError("holds several pages; one radiograph was expected")
    return whole[0] if whole else (0, pages[0])


def _refuse_scans(data: bytes, tags: Directory) -> None:
    parts = max(tags.counts.get(_STRIPS, 0), tags.counts.get(_TILES, 0))
    if tags.first(_COMPRESSION, 1) in _JPEG and data.count(b"\xff\xda") > parts + MAX_SCANS:
        raise ValueError("too many scans")


def _by_libtiff(data: bytes, number: int, tags: Directory, depth: int) -> NDArray[Any]:
    from imagecodecs import tiff_decode

    meaning, samples = tags.first(_MEANING, -1), tags.first(_SAMPLES, 1)
    height, width = tags.first(_HEIGHT, 0), tags.first(_WIDTH, 0)
    if (meaning, samples) not in _READ:
        raise UnreadImageError(_UNREAD)
    if height * width * samples * depth // 8 > _MAX_SAMPLE_BYTES:
        raise Image.DecompressionBombError
    pixels = tiff_decode(data, index=number)
    if samples > 1:
        pixels = luminance(
            np.moveaxis(pixels, 0, 2) if tags.first(_PLANES, 1) == _BY_PLANE else pixels
        )
    if not np.isfinite(pixels).all():
        raise UnreadImageError("holds values that are no finite numbers")
    if pixels.shape != (height, width):
        raise ValueError("another shape than the tags say")
    if meaning != _WHITE_IS_ZERO:
        return pixels
    return -pixels if pixels.dtype.kind == "f" else ~pixels
