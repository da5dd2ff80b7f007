"""What is looked at in a JPEG beside its pixels: its segments, and whether it is whole."""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

MAX_SEGMENTS = 1000
"""Segments before the image; each costs decoders as much as all before it together."""
_MAX_JUNK = 2**16
"""Bytes between segments, which decoders skip one by one."""
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, b"\xff\xd9"
_BARE = {0x01, *range(0xD0, 0xDA)}
"""Markers without a segment."""
_PROGRESSIVE = re.compile(rb"\xff\xc2")
_NOISE = np.random.default_rng(0).integers(0, 255, 2**12, dtype=np.uint8).tobytes()
"""Entropy-coded bytes that say something of any image; none is a marker."""


def image_begins(data: bytes) -> int:
    """Return where the first scan of a JPEG begins, and refuse what costs decoders hours.

    Args:
        data: the JPEG.

    Returns:
        The place of its marker, or the length of `data` where there is none.

    Raises:
        ValueError: if there are more than `MAX_SEGMENTS` segments before it, or much junk.
    """
    place, segments, junk = 2, 0, 0
    while segments <= MAX_SEGMENTS and junk <= _MAX_JUNK:
        marked = data.find(b"\xff", place)
        if marked < 0 or marked + 4 > len(data):
            return len(data)
        junk += marked - place
        place, marker = marked, data[marked + 1]
        if marker in (0x00, 0xFF):
            place += 1
            junk += 1
        elif marker in _BARE:
            place += 2
            segments += 1
        elif marker == _START_OF_SCAN:
            return place
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4])
            segments += 1
    raise ValueError("too many segments before the image")


def ends_early(
    data: bytes, pixels: NDArray[np.generic], decode: Callable[[bytes], NDArray[np.generic]]
) -> bool:
    """Tell whether a JPEG ends before its pixels do; decoders fill the rest with one colour.

    Then its pixels depend on what follows the end. That is tried only where the end of the image
    is of one colour, or the JPEG is progressive.

    Args:
        data: the JPEG.
        pixels: its pixels, (height, width, …), at any scale.
        decode: gives pixels of such data, at any one scale.
    """
    begin = image_begins(data)
    progressive = _PROGRESSIVE.search(data, 2, begin) is not None
    tail = pixels[-1, -max(1, pixels.shape[1] // 4) :]
    if not progressive and (tail != tail[-1]).any():
        return False
    end = data.find(_END_OF_IMAGE, begin)
    end = len(data) if end < 0 else end
    continued = data[:end] + _NOISE + data[end:]
    return not np.array_equal(decode(data), decode(continued))
