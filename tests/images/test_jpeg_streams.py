"""JPEG: how many segments are read, and whether the data end before the image."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from radtex.errors import ImageError
from radtex.images import Preprocessing, read_image
from radtex.images.jpeg_streams import MAX_SEGMENTS, ends_early, image_begins
from radtex.images.pictures import decode_picture

END = b"\xff\xd9"


def film(dark: int, **options: object) -> bytes:
    """A JPEG of noise whose last rows are black."""
    pixels = np.random.default_rng(0).integers(0, 256, (96, 160), dtype=np.uint8)
    pixels = pixels.repeat(3, 0).repeat(3, 1)
    pixels[len(pixels) - dark :] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


KINDS = [{}, {"progressive": True}, {"optimize": True}, {"quality": 30}]


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize("dark", [0, 100])
@pytest.mark.parametrize("enough", [None, 32])
def test_a_jpeg_whose_data_end_early_is_refused(
    options: dict[str, object], dark: int, enough: int | None
) -> None:
    whole = film(dark, **options)
    assert read_image(whole, enough).ndim == 2
    for share in (0.2, 0.5, 0.9):
        for end in (END, b""):
            with pytest.raises(ImageError, match="truncated"):
                read_image(whole[: int(share * len(whole))] + end, enough)


def test_what_follows_the_end_is_no_matter() -> None:
    whole = film(100)
    expected = decode_picture(whole)
    for more in (b"\0" * 10, whole, END):
        assert np.array_equal(decode_picture(whole + more), expected)


def test_an_end_is_looked_for_only_where_the_last_row_is_of_one_colour() -> None:
    def never(_: bytes) -> np.ndarray:
        raise AssertionError

    noise = np.random.default_rng(0).integers(0, 256, (8, 8))
    assert not ends_early(film(0), noise, never)


def segments(count: int, size: int, junk: bytes = b"") -> bytes:
    one = b"\xff\xe1" + struct.pack(">H", size + 2) + b"x" * size + junk
    return b"\xff\xd8" + count * one + film(0)[2:]


def test_segments_before_the_image_are_bounded() -> None:
    few = segments(MAX_SEGMENTS // 2, 20, junk=b"\xff\xff")
    assert few[image_begins(few) :].startswith(b"\xff\xda")
    assert read_image(few).shape == (288, 480)
    for many in (segments(MAX_SEGMENTS + 1, 0), segments(2, 9, b"\0" * 2**16), b"\xff\xd8" * 2000):
        with pytest.raises(ValueError, match="too many segments"):
            image_begins(many)
        with pytest.raises(ImageError):
            read_image(many)
    for cut in (b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\xff"):
        assert image_begins(cut) == len(cut)


@pytest.mark.parametrize("how", ["crop", "pad"])
def test_what_is_kept_of_an_image_must_have_two_colours(how: str) -> None:
    pixels = np.full((64, 400), 7, np.uint8)
    pixels[:, :40] = 200
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    preprocessing = Preprocessing(32, how)
    if how == "pad":
        assert preprocessing.apply(file.getvalue()).max() > 150
        return
    with pytest.raises(ImageError, match="one colour only in the part that is kept"):
        preprocessing.apply(file.getvalue())
