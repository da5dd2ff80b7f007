"""The tags of TIFF files and of EXIF, which has their form: the numbers that pixels depend on."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

ORIENTATION = 274
"""How a picture is turned and mirrored, 1 to 8; 1 is upright."""

_SIZES = {1: "B", 3: "H", 4: "I", 8: "h", 9: "i", 16: "Q"}
"""Struct's letters of the types that hold whole numbers."""
_MOST_NUMBERS = 16
"""Numbers of a tag that are kept; a pixel's samples are fewer."""


@dataclass(frozen=True)
class Directory:
    """The tags of one page."""

    numbers: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """The first numbers of each tag that has whole numbers."""
    counts: dict[int, int] = field(default_factory=dict)
    """How many numbers the tag has in all."""

    def first(self, tag: int, default: int) -> int:
        """Return the first number of a tag; the default where the tag is missing."""
        return self.numbers.get(tag, (default,))[0]


def directories(data: bytes) -> Iterator[Directory]:
    """Yield the tags of each page, in the file's order.

    Args:
        data: a TIFF or BigTIFF of either byte order, or the content of EXIF.

    Raises:
        ValueError: The data are no TIFF, or pages follow one another in a circle.
        struct.error: The data are cut off.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2], "")
    (magic,) = _unpack(f"{order}H", data, 2) if order else (0,)
    if magic not in (42, 43):
        raise ValueError("no TIFF")
    word, count_format, entry_format = ("Q", "Q", "HHQ") if magic == 43 else ("I", "H", "HHI")
    word_size, count_size = struct.calcsize(f"<{word}"), struct.calcsize(f"<{count_format}")
    entry_size = struct.calcsize(f"<{entry_format}") + word_size
    (place,) = _unpack(order + word, data, word_size if magic == 42 else 8)
    seen: set[int] = set()
    while place:
        if place in seen:
            raise ValueError("pages in a circle")
        seen.add(place)
        (count,) = _unpack(order + count_format, data, place)
        place += count_size
        directory = Directory()
        for at in range(place, place + entry_size * count, entry_size):
            tag, kind, length = _unpack(order + entry_format, data, at)
            if kind not in _SIZES or not length:
                continue
            value = at + entry_size - word_size
            if length * struct.calcsize(f"<{_SIZES[kind]}") > word_size:
                (value,) = _unpack(order + word, data, value)
            kept = f"{order}{min(length, _MOST_NUMBERS)}{_SIZES[kind]}"
            directory.numbers[tag] = _unpack(kept, data, value)
            directory.counts[tag] = length
        yield directory
        (place,) = _unpack(order + word, data, place + entry_size * count)


def _unpack(layout: str, data: bytes, place: int) -> tuple[int, ...]:
    if place > len(data):
        raise struct.error("beyond the end")
    return struct.unpack_from(layout, data, place)
