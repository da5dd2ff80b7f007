"""Image bytes to grey pixels."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from radtex.errors import ImageError
from radtex.images import MAX_PIXELS, fit, read_image


def encode(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=format, **options)
    return buffer.getvalue()


def smooth(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return (127 + 60 * np.sin(x / 17) + 60 * np.cos(y / 23)).astype(np.uint8)


def luminance(rgb: np.ndarray) -> np.ndarray:
    return rgb[..., :3].astype(float) @ [0.299, 0.587, 0.114]


GREY = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (20, 30, 4), dtype=np.uint8)


def test_8_bit_grey_is_read_as_it_is():
    assert np.array_equal(read_image(encode(Image.fromarray(GREY))), GREY)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colour_becomes_luminance_and_transparency_is_ignored(mode):
    colour = Image.fromarray(COLOUR[..., : len(mode)])
    read = read_image(encode(colour))
    assert np.abs(read - luminance(COLOUR)).max() <= 1


def test_grey_with_transparency_ignores_it():
    both = np.stack([GREY, COLOUR[..., 3]], axis=2)
    assert np.array_equal(read_image(encode(Image.fromarray(both))), GREY)


def test_palette_becomes_the_luminance_of_its_colours():
    palette = Image.fromarray(COLOUR[..., :3]).quantize(32)
    expected = luminance(np.asarray(palette.convert("RGB")))
    assert np.abs(read_image(encode(palette)) - expected).max() <= 1


@given(arrays(np.uint16, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9)))
def test_16_bits_are_scaled_by_their_own_range(deep):
    data = encode(Image.fromarray(deep))
    if deep.min() == deep.max():
        with pytest.raises(ImageError, match="one colour"):
            read_image(data)
        return
    low, high = int(deep.min()), int(deep.max())
    expected = [[round(255 * (int(value) - low) / (high - low)) for value in row] for row in deep]
    read = read_image(data)
    assert read.dtype == np.uint8
    assert np.abs(read.astype(int) - expected).max() <= 1
    assert read.min() == 0
    assert read.max() == 255


def test_12_bits_in_16_look_the_same_in_grey_in_colour_and_with_transparency():
    deep = smooth(64, 96).astype(np.uint16) * 16
    height, width = deep.shape
    opaque = np.full_like(deep, 65535)
    plain = read_image(encode(Image.fromarray(deep)))
    for samples in (np.stack([deep] * 3, axis=2), np.stack([deep, opaque], axis=2)):
        kind = 2 if samples.shape[2] == 3 else 4
        rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
        data = png_header(width, height, 16, kind, zlib.compress(rows))
        assert np.abs(read_image(data) - plain.astype(int)).max() <= 1


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_an_image_of_one_colour_is_refused(format):
    data = encode(Image.new("L", (40, 40), 77), format)
    with pytest.raises(ImageError, match="holds one colour only"):
        read_image(data)


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.9])
def test_a_truncated_image_is_refused(format, share):
    data = encode(Image.fromarray(smooth(200, 200)), format)
    with pytest.raises(ImageError, match="damaged, truncated"):
        read_image(data[: int(share * len(data))])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["PNG", "JPEG"]), st.integers(0, 10**6), st.binary(min_size=1, max_size=8))
def test_damaged_bytes_give_pixels_or_an_image_error(format, place, damage):
    data = bytearray(encode(Image.fromarray(smooth(40, 40)), format))
    place %= len(data)
    data[place : place + len(damage)] = damage
    try:
        read = read_image(bytes(data))
    except ImageError:
        return
    assert read.dtype == np.uint8
    assert read.ndim == 2


def png_header(
    width: int, height: int, depth: int = 8, kind: int = 0, body: bytes = zlib.compress(bytes(1000))
) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [int(MAX_PIXELS**0.5) + 1, 12_000, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side, monkeypatch):
    def never(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    with pytest.raises(ImageError, match="pixels; a radiograph was expected"):
        read_image(png_header(side, side))


def test_other_formats_are_refused_whatever_their_name(tmp_path):
    file = tmp_path / "film.png"
    Image.fromarray(GREY).save(file, format="GIF")
    with pytest.raises(ImageError, match=r"film\.png is damaged, truncated, or no DICOM"):
        read_image(file)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "none.png")


def test_a_large_jpeg_is_reduced_while_decoding_but_looks_the_same():
    data = encode(Image.fromarray(smooth(1000, 1400)), "JPEG", quality=95)
    whole, reduced = read_image(data), read_image(data, enough=64)
    assert whole.shape == (1000, 1400)
    assert 128 <= min(reduced.shape) < 1000
    difference = np.abs(fit(whole, 64).astype(int) - fit(reduced, 64))
    assert difference.mean() < 1
