"""PNG and JPEG through Pillow."""

import io
import struct
from zlib import compress, crc32

import numpy as np
import pytest
from PIL import Image, ImageOps, PngImagePlugin

from radtex.images import pictures
from radtex.images.pictures import PICTURE_SUFFIXES, decode_jpeg, decode_picture
from radtex.images.pixel_samples import UnreadImageError

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
    monkeypatch.setattr(pictures, "MAX_SCANS", 2)
    with pytest.raises(ValueError, match="too many scans"):
        decode_picture(progressive)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 599)
    with pytest.raises(Image.DecompressionBombError):
        decode_picture(encode(Image.fromarray(GREY)))


def test_other_formats_are_refused() -> None:
    with pytest.raises(Image.UnidentifiedImageError):
        decode_picture(encode(Image.fromarray(GREY), "GIF"))


def smooth(height: int, width: int) -> np.ndarray:
    """A picture that looks different from each of its eight sides."""
    y, x = np.mgrid[:height, :width]
    return (110 + 60 * np.sin(x / width * 3) + 50 * np.cos(y / height * 5)).astype(np.uint8)


def orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


TURNS = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.transpose(np.rot90(a, 2)),
    8: np.rot90,
}


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "MPO"])
def test_a_picture_is_turned_as_its_exif_says(value: int, mode: str, format: str) -> None:
    grey = smooth(64, 96)
    stored = Image.fromarray(grey if mode == "L" else np.stack([grey] * 3, axis=2))
    quality = {"lossless": True} if format == "WEBP" else {"quality": 98}
    data = encode(stored, format, exif=orientation(value), **quality)
    upright = TURNS[value](grey)
    assert np.abs(decode_picture(data).astype(int) - upright).max() <= 3
    shown = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("L"))
    np.testing.assert_array_equal(decode_picture(data), shown)


@pytest.mark.parametrize("value", range(1, 9))
def test_a_picture_of_16_bits_is_turned_as_its_exif_says(value: int) -> None:
    deep = smooth(20, 30).astype(np.uint16) * 200
    data = encode(Image.fromarray(deep), exif=orientation(value))
    np.testing.assert_array_equal(decode_picture(data), TURNS[value](deep))


def test_a_reduced_jpeg_is_turned_too() -> None:
    grey = smooth(600, 900)
    data = encode(Image.fromarray(grey), "JPEG", quality=98, exif=orientation(6))
    reduced = decode_picture(data, 64)
    assert 128 <= min(reduced.shape) < 600
    again = Image.fromarray(np.rot90(grey, -1)).resize(reduced.shape[::-1])
    assert np.abs(reduced.astype(int) - np.asarray(again)).max() <= 6


@pytest.mark.parametrize("exif", [b"Exif\0\0II*\0", b"Exif\0\0MM\0*\0\0\0\x08\0\x09", b"nonsense"])
def test_a_damaged_exif_means_upright(exif: bytes) -> None:
    np.testing.assert_array_equal(decode_picture(encode(Image.fromarray(GREY), exif=exif)), GREY)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_there_is_not_means_upright(value: int) -> None:
    data = encode(Image.fromarray(GREY), exif=orientation(value))
    np.testing.assert_array_equal(decode_picture(data), GREY)


def test_within_another_file_exif_does_not_count() -> None:
    data = encode(Image.fromarray(smooth(64, 96)), "JPEG", exif=orientation(6))
    assert decode_jpeg(data).shape == (64, 96)
    assert decode_picture(data).shape == (96, 64)
    with pytest.raises(Image.UnidentifiedImageError):
        decode_jpeg(encode(Image.fromarray(GREY)))


def png(header: tuple[int, int], samples: np.ndarray, interlaced: bool = False) -> bytes:
    """Return a PNG; `header` holds bit depth and colour type. Interlaced, it has one pixel."""
    depth, kind = header

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc32(name + body))

    height, width = samples.shape[:2]
    big = samples.astype(">u2" if depth == 16 else "u1")
    rows = b"".join(b"\0" + row.tobytes() for row in big)
    if interlaced:  # seven passes, of which each holds the rows and columns of its own
        starts = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4)]
        starts += [(2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        rows = b"".join(
            b"\0" + row.tobytes()
            for top, left, down, across in starts
            for row in big[top::down, left::across]
            if row.size
        )
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"gAMA", struct.pack(">I", 22727))
        + chunk(b"IDAT", compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("kind", "samples"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_a_png_of_16_bits_keeps_its_depth(kind: int, samples: int, interlaced: bool) -> None:
    deep = RNG.integers(0, 4096, (13, 21, samples), dtype=np.uint16)
    expected = deep[..., 0] if samples < 3 else deep[..., :3] @ [0.299, 0.587, 0.114]
    decoded = decode_picture(png((16, kind), deep, interlaced))
    np.testing.assert_allclose(decoded, expected)


@pytest.mark.parametrize(("kind", "samples"), [(2, 3), (4, 2), (6, 4)])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_png_of_16_bits_is_refused(kind: int, samples: int, share: float) -> None:
    data = png((16, kind), RNG.integers(0, 2**16, (40, 50, samples), dtype=np.uint16))
    with pytest.raises(Exception):  # noqa: B017, PT011 (each codec raises its own types)
        decode_picture(data[: int(share * len(data))])


@pytest.mark.parametrize("kind", ["interlaced", "of 1 bit", "of a palette", "with a transparency"])
def test_unusual_pngs_are_read(kind: str) -> None:
    grey = smooth(20, 30)
    match kind:
        case "interlaced":
            data, expected = png((8, 0), grey, interlaced=True), grey
        case "of 1 bit":
            data, expected = encode(Image.fromarray(grey > 127)), 255 * (grey > 127)
        case "of a palette":
            data, expected = encode(Image.fromarray(grey).convert("P")), grey
        case _:
            data, expected = encode(Image.fromarray(grey), transparency=int(grey[3, 4])), grey
    assert np.abs(decode_picture(data) - expected.astype(int)).max() <= 1


def test_a_jpeg_of_four_inks_is_as_bright_as_its_colours() -> None:
    grey = smooth(64, 96)
    inks = Image.fromarray(np.stack([grey] * 3, axis=2)).convert("CMYK")
    assert np.abs(decode_picture(encode(inks, "JPEG", quality=98)).astype(int) - grey).max() <= 4


@pytest.mark.parametrize("mode", ["L", "RGB", "1", "P"])
def test_bitmaps_are_read(mode: str) -> None:
    grey = smooth(21, 30)
    image = Image.fromarray(grey).convert(mode, dither=Image.Dither.NONE)
    expected = np.asarray(image.convert("L")).astype(int)
    assert np.abs(decode_picture(encode(image, "BMP")) - expected).max() <= 1


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_an_animation_is_refused(format: str) -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    data = encode(frames[0], format, save_all=True, append_images=frames[1:])
    with pytest.raises(UnreadImageError, match="animation"):
        decode_picture(data)


def test_the_orientation_may_stand_behind_the_pixels() -> None:
    plain = encode(Image.fromarray(GREY))
    body = orientation(3).removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(body)) + b"eXIf" + body + struct.pack(">I", crc32(b"eXIf" + body))
    end = plain.index(b"IEND") - 4
    np.testing.assert_array_equal(
        decode_picture(plain[:end] + chunk + plain[end:]), GREY[::-1, ::-1]
    )
    deep = RNG.integers(0, 2**16, (8, 9, 3), dtype=np.uint16)
    plain = png((16, 2), deep)
    end = plain.index(b"IEND") - 4
    turned = decode_picture(plain[:end] + chunk + plain[end:])
    np.testing.assert_allclose(turned, decode_picture(plain)[::-1, ::-1])


def test_the_orientation_of_an_older_png_stands_in_a_text() -> None:
    body = orientation(6).removeprefix(b"Exif\0\0")
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", f"\nexif\n{len(body):8}\n{body.hex()}\n")
    data = encode(Image.fromarray(GREY), pnginfo=text)
    np.testing.assert_array_equal(decode_picture(data), np.rot90(GREY, -1))
