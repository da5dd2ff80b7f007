"""Encoded pixels to stored values: each codec gives back what was put in, or refuses."""

import io

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import get_frame
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from radtex.images import fit, read_image
from radtex.images.codecs import ENCAPSULATED, NATIVE, Layout, decode

COMPRESSED = [RLELossless, JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless]
LOSSLESS = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, *COMPRESSED]


def encoded(data: bytes) -> bytes:
    """The pixels of a DICOM file as they stand in it."""
    dataset = pydicom.dcmread(io.BytesIO(data))
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        return get_frame(dataset.PixelData, 0, number_of_frames=1)
    return dataset.PixelData


def layout_of(pixels: np.ndarray, syntax: str = ExplicitVRLittleEndian, **other: int) -> Layout:
    bits = 8 * pixels.dtype.itemsize
    rows, columns = pixels.shape[:2]
    samples = 1 if pixels.ndim == 2 else 3
    stored = other.pop("stored", bits)
    high = other.pop("high", stored - 1)
    return Layout(syntax, rows, columns, samples, bits, stored, high, **other)


def test_every_syntax_is_native_or_encapsulated():
    assert set(LOSSLESS) <= {*NATIVE, *ENCAPSULATED}
    assert not set(NATIVE) & set(ENCAPSULATED)


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("depth", [8, 16])
def test_what_is_encoded_without_loss_comes_back(make_dicom, film, syntax, depth):
    pixels = film if depth == 16 else (film >> 4).astype(np.uint8)
    stored, bits = decode(encoded(make_dicom(pixels, syntax)), layout_of(pixels, syntax), None)
    np.testing.assert_array_equal(stored, pixels)
    assert bits == depth


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless])
def test_colour_comes_back_with_its_three_samples(make_dicom, syntax):
    colours = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    layout = layout_of(colours, syntax)
    stored, _ = decode(encoded(make_dicom(colours, syntax)), layout, None)
    np.testing.assert_array_equal(stored, colours)
    assert layout.shape == colours.shape


def test_colour_by_plane_is_put_together():
    colours = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    planes = np.moveaxis(colours, 2, 0).tobytes()
    stored, _ = decode(planes, layout_of(colours, planar=True), None)
    np.testing.assert_array_equal(stored, colours)


def test_of_subsampled_colour_the_luminance_is_taken():
    luminance = np.arange(24, dtype=np.uint8).reshape(4, 6)
    pairs = luminance.reshape(-1, 2)
    data = np.concatenate([pairs, np.full_like(pairs, 99)], axis=1).tobytes()
    stored, _ = decode(data, layout_of(luminance[..., None].repeat(3, 2), subsampled=True), None)
    np.testing.assert_array_equal(stored, luminance)


def test_8_bit_pixels_in_big_endian_words_are_swapped():
    pixels = np.arange(24, dtype=np.uint8).reshape(4, 6)
    data = pixels.view(np.uint16).byteswap().tobytes()
    layout = layout_of(pixels, ExplicitVRBigEndian, swapped=True)
    np.testing.assert_array_equal(decode(data, layout, None)[0], pixels)


@pytest.mark.parametrize(("stored", "high"), [(12, 11), (12, 15), (10, 12), (16, 15)])
def test_only_the_bits_that_count_are_returned(film, stored, high):
    values = film & (2**stored - 1)
    noise = np.random.default_rng(0).integers(0, 2**16, film.shape, dtype=np.uint16)
    shift = high + 1 - stored
    mask = np.uint16((2**stored - 1) << shift)
    pixels = (values << shift) | (noise & ~mask)
    layout = layout_of(pixels, stored=stored, high=high)
    found, bits = decode(pixels.astype("<u2").tobytes(), layout, None)
    np.testing.assert_array_equal(found, values)
    assert bits == stored


@pytest.mark.parametrize(("syntax", "bits"), [(JPEGBaseline8Bit, 8), (JPEGExtended12Bit, 12)])
def test_lossy_jpeg_comes_back_nearly(film, syntax, bits):
    pixels = film if bits == 12 else (film >> 4).astype(np.uint8)
    stream = imagecodecs.jpeg8_encode(pixels, level=98, bitspersample=bits)
    stored, found = decode(stream, layout_of(pixels, syntax, stored=bits), None)
    assert found == bits
    assert np.abs(stored.astype(int) - pixels).max() < 2**bits / 64


@pytest.mark.parametrize("syntax", COMPRESSED[1:], ids=lambda syntax: syntax.name)
def test_a_stream_of_another_shape_than_the_header_is_refused(make_dicom, film, syntax):
    data = encoded(make_dicom(film, syntax))
    layout = layout_of(np.zeros((8000, 8000), np.uint16), syntax)
    with pytest.raises(ValueError, match="another shape"):
        decode(data, layout, None)


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
def test_a_stream_that_is_cut_off_is_refused(make_dicom, film, syntax):
    """libjpeg-turbo fills what is missing of a lossless JPEG, as long as its header is whole."""
    data = encoded(make_dicom(film, syntax))
    for share in (0.001, 0.5):
        if share < 0.5 or syntax not in (JPEGLossless, JPEGLosslessSV1):
            with pytest.raises(Exception):  # noqa: B017, PT011 (each codec raises its own types)
                decode(data[: int(share * len(data))], layout_of(film, syntax), None)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGBaseline8Bit])
def test_what_can_be_decoded_smaller_is_and_looks_the_same(make_dicom, syntax):
    y, x = np.mgrid[:1200, :1000]
    film = (2000 + 900 * np.sin(x / 40) + 900 * np.cos(y / 50)).astype(np.uint16)
    window = {"WindowCenter": 2000, "WindowWidth": 4000, "BitsStored": 12}
    if syntax == JPEG2000Lossless:
        data = make_dicom(film, syntax, **window)
    else:
        stream = imagecodecs.jpeg8_encode((film >> 4).astype(np.uint8), level=95)
        size = {"Rows": 1200, "Columns": 1000, "BitsAllocated": 8}
        data = make_dicom(stream, syntax, **size)
    whole, reduced = read_image(data), read_image(data, enough=64)
    assert 128 <= min(reduced.shape) <= 256
    assert np.abs(fit(whole, 64).astype(int) - fit(reduced, 64)).mean() < 2.5
