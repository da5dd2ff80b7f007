"""TIFF of any depth, both byte orders and white at either end; one page of several."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from radtex.errors import ImageError
from radtex.images import read_image, tiff_pages
from radtex.images.pixel_samples import UnreadImageError
from radtex.images.tiff_pages import decode_tiff

LUMINANCE = [0.299, 0.587, 0.114]
RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (20, 30), dtype=np.uint8)
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
FORMATS = {"u": 1, "i": 2, "f": 3}
Tags = dict[int, tuple[str, list[int]]]


def tiff(*pages: tuple[np.ndarray, Tags], order: str = "<") -> bytes:
    """Return a TIFF of uncompressed pages (height, width[, samples]); their tags replace ours."""
    file = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    for number, (pixels, own) in enumerate(pages, start=1):
        samples = 1 if pixels.ndim == 2 else pixels.shape[2]
        planes = samples if own.get(284, ("H", [1]))[1] == [2] else 1
        stored = np.moveaxis(pixels, 2, 0) if planes > 1 else pixels
        data = stored.astype(pixels.dtype.newbyteorder(order)).tobytes()
        tags: Tags = {
            256: ("I", [pixels.shape[1]]),
            257: ("I", [pixels.shape[0]]),
            258: ("H", [8 * pixels.itemsize] * samples),
            259: ("H", [1]),
            262: ("H", [BLACK_IS_ZERO if samples < 3 else RGB]),
            277: ("H", [samples]),
            278: ("I", [pixels.shape[0]]),
            284: ("H", [1]),
            339: ("H", [FORMATS[pixels.dtype.kind]] * samples),
        } | ({338: ("H", [2])} if samples in (2, 4) else {})
        tags |= own
        place = len(file) + 2 + 12 * (len(tags) + 2) + 4
        step = len(data) // planes
        tags[273] = ("I", [place + plane * step for plane in range(planes)])
        tags[279] = ("I", [step] * planes)
        directory, values = struct.pack(order + "H", len(tags)), data
        for tag, (kind, numbers) in sorted(tags.items()):
            packed = struct.pack(f"{order}{len(numbers)}{kind}", *numbers)
            head = struct.pack(order + "HHI", tag, 3 if kind == "H" else 4, len(numbers))
            if len(packed) > 4:
                directory += head + struct.pack(order + "I", place + len(values))
                values += packed
            else:
                directory += head + packed.ljust(4, b"\0")
        following = place + len(values) if number < len(pages) else 0
        file += directory + struct.pack(order + "I", following) + values
    return file


def own_range(values: np.ndarray) -> np.ndarray:
    values = values.astype(float)
    return 255 * (values - values.min()) / (values.max() - values.min())


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("white", [WHITE_IS_ZERO, BLACK_IS_ZERO])
@pytest.mark.parametrize("planes", [1, 2])
@pytest.mark.parametrize("kind", ["u2", "i2", "u4", "i4", "f4", "f8", "i1"])
def test_deep_grey_is_scaled_by_its_own_range(order, white, planes, kind):
    low = 0 if kind[0] == "u" else -90
    pixels = RNG.integers(low, 4000 if kind != "i1" else 90, (20, 30)).astype(kind)
    data = tiff((pixels, {262: ("H", [white]), 284: ("H", [planes])}), order=order)
    expected = own_range(pixels) if white == BLACK_IS_ZERO else 255 - own_range(pixels)
    assert np.abs(read_image(data) - expected).max() <= 0.51


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("white", [WHITE_IS_ZERO, BLACK_IS_ZERO])
@pytest.mark.parametrize("planes", [1, 2])
def test_8_bits_are_read_as_they_are(order, white, planes):
    data = tiff((GREY, {262: ("H", [white]), 284: ("H", [planes])}), order=order)
    np.testing.assert_array_equal(read_image(data), GREY if white else 255 - GREY)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("planes", [1, 2])
@pytest.mark.parametrize("samples", [2, 3, 4])
def test_deep_colour_becomes_luminance_and_transparency_is_ignored(order, planes, samples):
    pixels = RNG.integers(0, 4096, (20, 30, samples)).astype(np.uint16)
    grey = pixels[..., 0] if samples == 2 else pixels[..., :3] @ LUMINANCE
    data = tiff((pixels, {284: ("H", [planes])}), order=order)
    assert np.abs(read_image(data) - own_range(grey)).max() <= 0.51


def test_8_bit_colour_becomes_luminance():
    pixels = RNG.integers(0, 256, (20, 30, 3)).astype(np.uint8)
    assert np.abs(read_image(tiff((pixels, {}))) - pixels @ LUMINANCE).max() <= 1


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_deflate", "packbits", "jpeg"])
@pytest.mark.parametrize("mode", ["L", "I;16", "RGB", "P", "1"])
def test_what_pillow_writes_comes_back(compression, mode):
    y, x = np.mgrid[:64, :80]
    smooth = (127 + 60 * np.sin(x / 17) + 60 * np.cos(y / 23)).astype(np.uint8)
    image = Image.fromarray(smooth)
    match mode:
        case "I;16":
            image = Image.fromarray(smooth.astype(np.uint16) * 16)
        case "RGB":
            image = Image.fromarray(np.stack([smooth] * 3, axis=2))
        case "1":
            image = Image.fromarray(smooth > 127)
        case "P":
            image = image.convert("P")
    if compression == "jpeg" and mode not in ("L", "RGB"):
        pytest.skip("TIFF has no such JPEG")
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", compression=compression)
    expected = own_range(smooth) if mode == "I;16" else smooth
    expected = 255 * (smooth > 127) if mode == "1" else expected
    assert np.abs(read_image(buffer.getvalue()).astype(int) - expected).max() <= (
        6 if mode == "L" else 8
    )


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [(1, lambda a: a), (3, lambda a: a[::-1, ::-1]), (6, lambda a: np.rot90(a, -1))],
)
@pytest.mark.parametrize("kind", ["u1", "u2", "rgb"])
def test_a_page_is_turned_as_it_says(orientation, upright, kind):
    pixels = GREY.astype("u1" if kind == "rgb" else kind)
    stored = np.stack([pixels] * 3, axis=2) if kind == "rgb" else pixels
    data = tiff((stored, {274: ("H", [orientation])}))
    expected = upright(own_range(GREY) if kind == "u2" else GREY)
    assert np.abs(read_image(data) - expected).max() <= 1


SUBFILES = {"thumbnail": {254: ("I", [1])}, "old thumbnail": {255: ("H", [2])}}
SUBFILES["mask"] = {254: ("I", [4])}


@pytest.mark.parametrize("other", sorted(SUBFILES))
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_thumbnails_and_masks_do_not_count(other, first, kind):
    film, small = (GREY.astype(kind), {}), (GREY[::4, ::4], SUBFILES[other])
    data = tiff(film, small) if first else tiff(small, film)
    assert read_image(data).shape == GREY.shape


def test_several_pages_are_refused():
    with pytest.raises(ImageError, match="holds several pages; one radiograph was expected"):
        read_image(tiff((GREY, {}), (GREY, {})))
    with pytest.raises(ImageError, match="holds several pages"):
        read_image(tiff((GREY, {}), *[(GREY[:2, :2], SUBFILES["mask"])] * tiff_pages._MAX_PAGES))


def test_one_page_that_calls_itself_a_thumbnail_is_read():
    assert read_image(tiff((GREY, SUBFILES["thumbnail"]))).shape == GREY.shape


@pytest.mark.parametrize(
    ("pixels", "tags"),
    [
        (RNG.integers(0, 9, (20, 30, 4)).astype(np.uint16), {262: ("H", [5])}),  # CMYK
        (GREY.astype(np.uint16), {262: ("H", [3])}),  # a palette
        (RNG.integers(0, 9, (20, 30, 5)).astype(np.uint16), {262: ("H", [BLACK_IS_ZERO])}),
    ],
)
def test_samples_of_another_kind_are_refused(pixels, tags):
    with pytest.raises(ImageError, match="neither grey nor RGB"):
        read_image(tiff((pixels, tags)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(value):
    pixels = GREY.astype(np.float32)
    pixels[3, 4] = value
    with pytest.raises(UnreadImageError, match="no finite numbers"):
        decode_tiff(tiff((pixels, {})))


@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_a_claimed_size_beyond_reason_is_refused(kind):
    tags = {256: ("I", [60_000]), 257: ("I", [60_000])}
    with pytest.raises(ImageError, match="more than 67,108,864 pixels"):
        read_image(tiff((GREY.astype(kind), tags)))


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_a_truncated_page_is_refused(kind, share):
    data = tiff((GREY.astype(kind), {}))
    with pytest.raises(ImageError, match="damaged, truncated"):
        read_image(data[: int(share * len(data))])


def test_damaged_bytes_give_pixels_or_an_image_error():
    whole = [tiff((GREY.astype(kind), {274: ("H", [6])}), order=">") for kind in ("u1", "u2")]
    buffer = io.BytesIO()
    Image.fromarray(GREY).save(buffer, "TIFF", compression="tiff_lzw")
    for data in (*whole, buffer.getvalue()):
        for _ in range(200):
            damaged = bytearray(data)
            for _ in range(RNG.integers(1, 4)):
                damaged[RNG.integers(len(damaged))] = RNG.integers(256)
            try:
                grey = read_image(bytes(damaged))
            except ImageError:
                continue
            assert grey.dtype == np.uint8
            assert grey.ndim == 2
