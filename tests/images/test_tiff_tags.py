"""Tags of TIFF and EXIF."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from radtex.images.tiff_tags import ORIENTATION, Directory, directories

WIDTH, HEIGHT, BITS = 256, 257, 258


def saved(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("big", [False, True])
def test_the_tags_of_each_page(big):
    pages = [Image.new("RGB", (30 + page, 20)) for page in range(3)]
    data = saved(pages[0], save_all=True, append_images=pages[1:], big_tiff=big)
    found = list(directories(data))
    assert [tags.first(WIDTH, 0) for tags in found] == [30, 31, 32]
    assert {tags.first(HEIGHT, 0) for tags in found} == {20}
    assert {tags.numbers[BITS] for tags in found} == {(8, 8, 8)}
    assert {tags.counts[BITS] for tags in found} == {3}
    assert {tags.first(ORIENTATION, 1) for tags in found} == {1}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", range(1, 9))
def test_the_orientation_of_exif_in_either_byte_order(order, value):
    exif = Image.Exif()
    exif.endian = order
    exif[ORIENTATION] = value
    (tags,) = directories(exif.tobytes().removeprefix(b"Exif\0\0"))
    assert tags.first(ORIENTATION, 1) == value


def test_of_many_numbers_the_first_are_kept():
    many = list(range(1000))
    entry = struct.pack("<HHII", 273, 4, len(many), 100)
    data = struct.pack("<2sHIH", b"II", 42, 8, 1) + entry + bytes(4)
    (tags,) = directories(data.ljust(100, b"\0") + struct.pack("<1000I", *many))
    assert tags.numbers[273] == tuple(range(16))
    assert tags.counts[273] == 1000


def test_a_missing_tag_is_the_default():
    assert Directory().first(WIDTH, 7) == 7


def test_pages_in_a_circle_and_other_files_are_refused():
    data = bytearray(saved(Image.fromarray(np.zeros((4, 5), np.uint8))))
    (place,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, place)
    struct.pack_into("<I", data, place + 2 + 12 * count, place)
    with pytest.raises(ValueError, match="circle"):
        list(directories(bytes(data)))
    with pytest.raises(ValueError, match="no TIFF"):
        list(directories(b"\x89PNG\r\n"))


@given(st.sampled_from([b"II*\0", b"MM\0*", b"II+\0", b""]), st.binary(max_size=60))
def test_nonsense_is_refused_or_read(start, rest):
    try:
        for tags in directories(start + rest):
            assert all(tags.numbers.values())
    except (ValueError, struct.error):
        return
