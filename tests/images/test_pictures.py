"""PNG and JPEG through Pillow."""

import io

import numpy as np
import pytest
from PIL import Image

from radtex.images import pictures
from radtex.images.pictures import PICTURE_SUFFIXES, decode_picture

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (20, 30), dtype=np.uint8)
DEEP = RNG.integers(0, 2**16, (20, 30), dtype=np.uint16)


def encode(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=format, **options)
    return buffer.getvalue()


def test_grey_comes_back_in_its_own_depth() -> None:
    for pixels in (GREY, DEEP):
        decoded = decode_picture(encode(Image.fromarray(pixels)))
        np.testing.assert_array_equal(decoded, pixels)
    assert decode_picture(encode(Image.fromarray(GREY))).dtype == np.uint8


@pytest.mark.parametrize("format", ["TIFF", "BMP", "WEBP"])
def test_other_pictures_than_png_and_jpeg_are_read(format: str) -> None:
    options = {"lossless": True} if format == "WEBP" else {}
    decoded = decode_picture(encode(Image.fromarray(GREY), format, **options))
    assert np.abs(decoded.astype(int) - GREY).max() <= 1


def test_the_suffixes_are_those_of_what_is_read() -> None:
    read = {"PNG", "JPEG", "TIFF", "BMP", "WEBP"}
    Image.init()
    assert {Image.EXTENSION[suffix] for suffix in PICTURE_SUFFIXES} == read
    assert all(suffix == suffix.lower() for suffix in PICTURE_SUFFIXES)


def test_colour_becomes_luminance() -> None:
    colour = Image.fromarray(RNG.integers(0, 256, (20, 30, 4), dtype=np.uint8))
    expected = np.asarray(colour)[..., :3] @ [0.299, 0.587, 0.114]
    assert np.abs(decode_picture(encode(colour)) - expected).max() <= 1


@pytest.mark.parametrize("shape", [(1000, 700), (700, 1000)])
def test_a_jpeg_is_reduced_to_no_less_than_twice_what_is_enough(shape: tuple[int, int]) -> None:
    data = encode(Image.fromarray(np.full(shape, 90, np.uint8)), "JPEG")
    assert decode_picture(data).shape == shape
    for enough in (30, 64, 100, 340):
        assert 2 * enough <= min(decode_picture(data, enough).shape) <= max(4 * enough, 700)
    assert min(decode_picture(data, 64).shape) < 200
    assert decode_picture(data, 350).shape == shape


def test_a_png_is_never_reduced() -> None:
    assert decode_picture(encode(Image.fromarray(GREY)), 2).shape == GREY.shape


def test_more_pixels_or_scans_than_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    progressive = encode(Image.fromarray(GREY), "JPEG", progressive=True)
    assert decode_picture(progressive).shape == GREY.shape
    monkeypatch.setattr(pictures, "_MAX_SCANS", 2)
    with pytest.raises(ValueError, match="too many scans"):
        decode_picture(progressive)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 599)
    with pytest.raises(Image.DecompressionBombError):
        decode_picture(encode(Image.fromarray(GREY)))


def test_other_formats_are_refused() -> None:
    with pytest.raises(Image.UnidentifiedImageError):
        decode_picture(encode(Image.fromarray(GREY), "GIF"))
