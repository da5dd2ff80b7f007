"""DICOM files to grey pixels: encodings, grey levels, colour, what is refused."""

import io
import logging
import warnings
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, apply_windowing
from pydicom.uid import (
    HTJ2K,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from radtex.errors import ImageError
from radtex.images import MAX_PIXELS, Preprocessing, read_image

LOSSLESS = [
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000Lossless,
]
HTJ2K_ENCODER = getattr(getattr(imagecodecs, "HTJ2K", None), "available", False)
HTJ2K_FILM = bytes.fromhex(
    "ff4fff5100294000000000100000000c0000000000000000000000100000000c0000000000000000"
    "0001070101ff500008000200000002ff52000c00020001000504044001ff5c001320485050505050"
    "50505050505050484848ff64001700014f70656e4a50482056657220302e32362e332eff90000a00"
    "000000005d0001ff93c025ef0087740000c012c01280f000c774001001877400c012c01180c00042"
    "74000a3300c012c01540f8ac72740046a3d1f8c01081beb600c026805600c0e7814be500dedddddd"
    "fa727bf7c9ecb800ffd9"
)
"""A ramp of 12 rows and 16 columns, 16 times the row and once the column, as OpenJPH writes it."""
LUMINANCE = [0.299, 0.587, 0.114]


def own_range(values: np.ndarray) -> np.ndarray:
    return 255 * (values - float(values.min())) / (float(values.max()) - values.min())


def assert_close(read: np.ndarray, expected: np.ndarray, levels: float = 1) -> None:
    assert read.dtype == np.uint8
    assert read.shape == expected.shape
    assert np.abs(read - expected.astype(float)).max() <= levels


def pydicom_test_file(name: str) -> Path:
    found = get_testdata_file(name, download=False)
    assert isinstance(found, str)
    return Path(found)


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("depth", [8, 16])
def test_every_lossless_encoding_gives_the_same_pixels(make_dicom, film, syntax, depth):
    pixels = film if depth == 16 else (film >> 4).astype(np.uint8)
    read = read_image(make_dicom(pixels, syntax))
    assert_close(read, own_range(pixels), 0.51)


@pytest.mark.parametrize("syntax", LOSSLESS[:-1], ids=lambda syntax: syntax.name)
def test_signed_values_in_every_lossless_encoding(make_dicom, film, syntax):
    """But JPEG 2000: Pillow writes none that is signed; a file of pydicom's is read below."""
    pixels = film.astype(np.int16) - 2000
    assert_close(read_image(make_dicom(pixels, syntax)), own_range(pixels), 0.51)


@pytest.mark.parametrize("stored", range(8, 17))
@pytest.mark.parametrize("kind", [np.uint16, np.int16])
def test_any_number_of_stored_bits_with_anything_in_the_others(make_dicom, stored, kind):
    rng = np.random.default_rng(stored)
    low, high = (0, 2**stored) if kind == np.uint16 else (-(2 ** (stored - 1)), 2 ** (stored - 1))
    values = rng.integers(low, high, (20, 30))
    overlay = rng.integers(0, 2**16, (20, 30)) << stored
    pixels = ((values & (2**stored - 1)) | overlay).astype(np.uint16).view(kind)
    assert_close(read_image(make_dicom(pixels, BitsStored=stored)), own_range(values), 0.51)


def test_left_aligned_bits_follow_the_high_bit(make_dicom, film):
    pixels = (film << 4) | 5
    read = read_image(make_dicom(pixels, BitsStored=12, HighBit=15))
    assert_close(read, own_range(film), 0.51)


@pytest.mark.parametrize("high", [None, 99])
def test_a_missing_or_impossible_high_bit_is_made_good(make_dicom, film, high):
    assert_close(read_image(make_dicom(film, BitsStored=12, HighBit=high)), own_range(film), 0.51)


def test_a_file_without_preamble_is_read(make_dicom, film):
    assert np.array_equal(read_image(make_dicom(film)[132:]), read_image(make_dicom(film)))


def test_bytes_decide_and_not_the_name(make_dicom, film, tmp_path):
    file = tmp_path / "film.png"
    file.write_bytes(make_dicom(film))
    assert np.array_equal(read_image(file), read_image(make_dicom(film)))


def test_8_bit_big_endian_words_are_swapped(make_dicom, film):
    pixels = (film >> 4).astype(np.uint8)
    dataset = pydicom.dcmread(io.BytesIO(make_dicom(pixels, ExplicitVRBigEndian)))
    dataset["PixelData"].VR = "OW"
    dataset.PixelData = pixels.view(np.uint16).byteswap().tobytes()
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    assert_close(read_image(buffer.getvalue()), own_range(pixels), 0.51)


@pytest.mark.parametrize("precision", [8, 12])
def test_lossy_jpeg_of_8_and_12_bits(make_dicom, film, precision):
    pixels = film if precision == 12 else (film >> 4).astype(np.uint8)
    stream = imagecodecs.jpeg8_encode(pixels, level=98, bitspersample=precision)
    data = make_dicom(
        stream,
        JPEGBaseline8Bit if precision == 8 else JPEGExtended12Bit,
        Rows=film.shape[0],
        Columns=film.shape[1],
        BitsAllocated=8 if precision == 8 else 16,
        BitsStored=precision,
    )
    assert_close(read_image(data), own_range(pixels), 4)


@pytest.mark.parametrize(
    "name",
    [
        *("693_J2KI.dcm", "J2K_pixelrep_mismatch.dcm", "JPEG2000.dcm", "CT_small.dcm"),
        *("MR_small.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm"),
        *("MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "MR_small_padded.dcm"),
        *("JPEGLSNearLossless_08.dcm", "JPEGLSNearLossless_16.dcm", "image_dfl.dcm"),
        "examples_overlay.dcm",
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_pydicoms_own_grey_files_look_as_pydicom_shows_them(name):
    file = pydicom_test_file(name)
    dataset = pydicom.dcmread(file)
    values = apply_modality_lut(dataset.pixel_array, dataset)
    if "WindowCenter" in dataset:
        shown = apply_windowing(values, dataset)
        ends = apply_modality_lut(np.array([0, 2**dataset.BitsStored - 1]), dataset)
        if dataset.PixelRepresentation:
            ends = ends - 2 ** (dataset.BitsStored - 1) * float(dataset.get("RescaleSlope", 1))
        expected = 255 * (shown - ends[0]) / (ends[1] - ends[0])
    else:
        expected = own_range(values)
    assert_close(read_image(file), expected, 2)


@pytest.mark.parametrize(
    "name",
    [
        *("examples_rgb_color.dcm", "SC_rgb_small_odd_big_endian.dcm", "SC_rgb_rle_16bit.dcm"),
        *("SC_rgb_dcmtk_+eb+cy+np.dcm", "SC_jpeg_no_color_transform.dcm", "SC_rgb_jpeg.dcm"),
        *("SC_rgb_jpeg_gdcm.dcm", "examples_jpeg2k.dcm"),
        *("SC_ybr_full_422_uncompressed.dcm", "SC_rgb_jls_lossy_sample.dcm"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_pydicoms_own_colour_files_become_luminance(name):
    file = pydicom_test_file(name)
    dataset = pydicom.dcmread(file)
    rgb = dataset.pixel_array * (255 / (2**dataset.BitsStored - 1))
    assert_close(read_image(file), rgb @ LUMINANCE, 2)


@pytest.mark.parametrize("columns", [6, 7])
@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
def test_of_colours_stored_in_full_the_luminance_is_taken(make_dicom, columns, planar, photometric):
    """Some files say YBR_FULL_422 and share no colours."""
    colours = np.random.default_rng(0).integers(0, 256, (4, columns, 3), dtype=np.uint8)
    stored = np.moveaxis(colours, 2, 0).tobytes() if planar else colours.tobytes()
    data = make_dicom(
        colours,
        PhotometricInterpretation=photometric,
        PlanarConfiguration=planar,
        PixelData=stored + bytes(len(stored) % 2),
    )
    np.testing.assert_array_equal(read_image(data), colours[..., 0])


@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
@pytest.mark.parametrize("padding", [0, 2])
def test_of_colours_that_two_pixels_share_the_luminance_is_taken(make_dicom, photometric, padding):
    """Some files say YBR_FULL, but share colours."""
    colours = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    pairs = np.stack([*(colours[:, at::2, 0] for at in (0, 1)), colours[:, ::2, 1]], axis=2)
    stored = np.insert(pairs, 3, 7, axis=2).tobytes()
    padding = padding if photometric == "YBR_FULL_422" else 0
    data = make_dicom(
        colours, PhotometricInterpretation=photometric, PixelData=stored + bytes(padding)
    )
    np.testing.assert_array_equal(read_image(data), colours[..., 0])


def test_how_many_samples_there_are_may_be_left_to_the_colour(make_dicom):
    colours = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert_close(read_image(make_dicom(colours, SamplesPerPixel=None)), colours @ LUMINANCE)


@pytest.mark.parametrize(
    "syntax", [HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K], ids=lambda syntax: syntax.name
)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16])
@pytest.mark.skipif(not HTJ2K_ENCODER, reason="this imagecodecs does not encode HTJ2K")
def test_high_throughput_jpeg_2000(make_dicom, film, syntax, kind):
    pixels = ((film >> 4) if kind == np.uint8 else film).astype(kind)
    if kind == np.int16:
        pixels = pixels - 2000
    data = make_dicom(
        imagecodecs.htj2k_encode(pixels, reversible=True),
        syntax,
        Rows=film.shape[0],
        Columns=film.shape[1],
        BitsAllocated=8 * pixels.itemsize,
        PixelRepresentation=int(kind == np.int16),
    )
    assert_close(read_image(data), own_range(pixels), 0.51)
    assert min(read_image(data, enough=10).shape) < 60


def test_a_small_film_in_high_throughput_jpeg_2000(make_dicom):
    data = make_dicom(HTJ2K_FILM, HTJ2KLossless, Rows=12, Columns=16, BitsAllocated=8)
    y, x = np.mgrid[:12, :16]
    assert_close(read_image(data), own_range(16 * y + x), 0.51)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, HTJ2KLossless], ids=lambda uid: uid.name)
def test_deep_colour_in_jpeg_2000_keeps_its_depth(make_dicom, film, syntax):
    colours = np.stack([film, film // 2, film // 3], axis=2)
    if syntax == HTJ2KLossless and not HTJ2K_ENCODER:
        pytest.skip("this imagecodecs does not encode HTJ2K")
    stream = (
        imagecodecs.jpeg2k_encode(colours, codecformat="j2k", reversible=True, level=0)
        if syntax == JPEG2000Lossless
        else imagecodecs.htj2k_encode(colours, reversible=True)
    )
    data = make_dicom(
        stream,
        syntax,
        Rows=film.shape[0],
        Columns=film.shape[1],
        SamplesPerPixel=3,
        PlanarConfiguration=0,
        PhotometricInterpretation="YBR_RCT",
    )
    assert_close(read_image(data), colours @ LUMINANCE * (255 / 65535))


@pytest.mark.parametrize(
    "syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless], ids=lambda syntax: syntax.name
)
def test_lossless_colour_in_every_encoding(make_dicom, syntax):
    colours = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert_close(read_image(make_dicom(colours, syntax)), colours @ LUMINANCE)


def test_exif_within_a_dicom_does_not_count(make_dicom):
    grey = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "JPEG", quality=98, exif=exif)
    size = {"Rows": 48, "Columns": 64, "BitsAllocated": 8}
    assert_close(read_image(make_dicom(buffer.getvalue(), JPEGBaseline8Bit, **size)), grey, 3)


def test_a_palette_becomes_the_luminance_of_its_colours():
    file = pydicom_test_file("examples_palette.dcm")
    dataset = pydicom.dcmread(file)
    colours = apply_color_lut(dataset.pixel_array, dataset) / 65535
    assert_close(read_image(file), 255 * colours @ LUMINANCE)


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_by_pixel_and_by_plane(make_dicom, planar):
    colours = np.random.default_rng(0).integers(0, 256, (20, 31, 3), dtype=np.uint8)
    stored = np.moveaxis(colours, 2, 0).tobytes() if planar else colours.tobytes()
    data = make_dicom(colours, PlanarConfiguration=planar, PixelData=stored)
    assert_close(read_image(data), colours @ LUMINANCE)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("slope", [1, 0.5, 2.5])
def test_windows_agree_with_pydicom(make_dicom, film, function, slope):
    data = make_dicom(
        film,
        BitsStored=12,
        RescaleSlope=slope,
        RescaleIntercept=-100,
        WindowCenter=1500,
        WindowWidth=1200,
        VOILUTFunction=function,
    )
    dataset = pydicom.dcmread(io.BytesIO(data))
    shown = apply_windowing(apply_modality_lut(film, dataset), dataset)
    low, high = -100, 4095 * slope - 100
    assert_close(read_image(data), 255 * (shown - low) / (high - low))


def test_of_several_windows_the_first_is_taken(make_dicom, film):
    one = make_dicom(film, BitsStored=12, WindowCenter=1500, WindowWidth=900)
    several = make_dicom(film, BitsStored=12, WindowCenter=[1500, 50], WindowWidth=[900, 9])
    assert np.array_equal(read_image(several), read_image(one))


def test_a_window_without_width_is_none(make_dicom, film):
    data = make_dicom(film, BitsStored=12, WindowCenter=1500, WindowWidth=0)
    assert_close(read_image(data), own_range(film), 0.51)


def lookup_table(first: int, entries: np.ndarray, bits: int) -> pydicom.Dataset:
    item = pydicom.Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), first, bits])
    item.add_new("LUTData", "US", entries.tolist())
    return item


def test_a_voi_table_agrees_with_pydicom_and_goes_before_a_window(make_dicom, film):
    entries = (4095 * (np.arange(3000) / 2999) ** 2).astype(int)
    data = make_dicom(
        film,
        BitsStored=12,
        VOILUTSequence=[lookup_table(500, entries, 12)],
        WindowCenter=1,
        WindowWidth=1,
    )
    expected = apply_voi_lut(film, pydicom.dcmread(io.BytesIO(data)))
    assert_close(read_image(data), 255 * (expected / 4095))


def test_a_modality_table_agrees_with_pydicom(make_dicom, film):
    entries = (60000 * np.sqrt(np.arange(4096) / 4095)).astype(int)
    data = make_dicom(film, BitsStored=12, ModalityLUTSequence=[lookup_table(0, entries, 16)])
    expected = apply_modality_lut(film, pydicom.dcmread(io.BytesIO(data)))
    assert_close(read_image(data), own_range(expected))


def test_the_order_is_rescale_then_window_then_inversion(make_dicom):
    pixels = np.array([[0, 100, 200, 300]], dtype=np.uint16)
    data = make_dicom(
        pixels,
        PhotometricInterpretation="MONOCHROME1",
        RescaleSlope=-1,
        RescaleIntercept=300,
        WindowCenter=200,
        WindowWidth=200,
        VOILUTFunction="LINEAR_EXACT",
    )
    rescaled = [300, 200, 100, 0]
    levels = [min(1, max(0, (value - 200) / 200 + 0.5)) for value in rescaled]
    assert read_image(data).tolist() == [[255 - round(255 * level) for level in levels]]


@pytest.mark.parametrize(
    "elements",
    [
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"PresentationLUTShape": "INVERSE"},
        {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
    ],
)
def test_what_is_stored_inverted_is_turned_once(make_dicom, film, elements):
    assert_close(read_image(make_dicom(film, **elements)), 255 - own_range(film), 0.51)


@pytest.mark.parametrize("inverted", [False, True])
def test_padding_is_black_and_does_not_stretch_the_range(make_dicom, film, inverted):
    pixels = film.astype(np.int16)
    pixels[:20] = -2000
    data = make_dicom(
        pixels,
        PhotometricInterpretation="MONOCHROME1" if inverted else "MONOCHROME2",
        PixelPaddingValue=-2000,
        PixelPaddingRangeLimit=-1500,
    )
    read = read_image(data)
    shown = own_range(film[20:])
    assert (read[:20] == 0).all()
    assert_close(read[20:], 255 - shown if inverted else shown, 0.51)


def mimic(stored: np.ndarray, inverted: bool) -> np.ndarray:
    """What the authors of MIMIC-CXR-JPG describe, with OpenCV's equalisation as a loop."""
    shifted = stored - stored.min()
    eight = (shifted / shifted.max() * 255).astype(np.uint8)
    if inverted:
        eight = 255 - eight
    counts = [int((eight == level).sum()) for level in range(256)]
    darkest = next(level for level in range(256) if counts[level])
    scale = 255 / (eight.size - counts[darkest])
    table, total = [0] * 256, 0
    for level in range(darkest + 1, 256):
        total += counts[level]
        table[level] = round(total * scale)
    return np.array(table, dtype=np.uint8)[eight]


@pytest.mark.parametrize("inverted", [False, True])
def test_equalize_is_how_mimic_cxr_jpg_was_made(make_dicom, film, inverted):
    photometric = "MONOCHROME1" if inverted else "MONOCHROME2"
    data = make_dicom(
        film,
        BitsStored=12,
        PhotometricInterpretation=photometric,
        WindowCenter=1500,
        WindowWidth=100,
        PixelPaddingValue=int(film.min()),
    )
    assert_close(read_image(data, intensity="equalize"), mimic(film, inverted), 0)


@pytest.mark.parametrize("intensity", ["window", "equalize"])
def test_a_jpeg_made_from_a_dicom_is_within_2_grey_levels_of_it(make_dicom, intensity):
    y, x = np.mgrid[:1024, :900]
    smooth = 2000 + 900 * np.sin(x / 130) + 900 * np.cos(y / 170)
    data = make_dicom(smooth.astype(np.uint16), BitsStored=12, WindowCenter=2000, WindowWidth=3800)
    shown = read_image(data, intensity=intensity)
    buffer = io.BytesIO()
    Image.fromarray(shown).save(buffer, "JPEG", quality=95)
    from_dicom = Preprocessing(256, intensity=intensity).apply(data)
    from_jpeg = Preprocessing(256).apply(buffer.getvalue())
    assert_close(read_image(buffer.getvalue()), shown, 2)
    assert_close(from_jpeg, from_dicom, 2)


def refused(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        read_image(data)


def test_what_is_no_single_radiograph_is_refused(make_dicom, film):
    refused(make_dicom(film, NumberOfFrames=2), "holds 2 frames")
    refused(make_dicom(film, PixelData=None), "without pixels")
    refused(make_dicom(film.astype(np.uint32)), "pixels of 32 bits")
    refused(make_dicom(film, BitsStored=17, HighBit=15), "bits")
    refused(make_dicom(film, Rows=0), "0 × 90 pixels")
    refused(make_dicom(film, PhotometricInterpretation="HSV"), "neither grey nor")
    refused(make_dicom(np.full_like(film, 7)), "one colour")
    video = UID("1.2.840.10008.1.2.4.102")
    refused(make_dicom(b"0000", video, Rows=2, Columns=2), "transfer syntax 1.2.840.10008.1.2.4")


def test_one_frame_that_says_so_is_read(make_dicom, film):
    assert_close(read_image(make_dicom(film, NumberOfFrames=1)), own_range(film), 0.51)


def test_nothing_of_the_header_is_printed_or_logged(make_dicom, film, capfd, caplog):
    dataset = pydicom.dcmread(io.BytesIO(make_dicom(film)))
    dataset.PatientName = "Doe^Jane"
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    data = buffer.getvalue().replace(b"Doe^Jane", b"Doe\x00\xffne\xfe")
    data = data.replace(b"MONOCHROME2 ", b"MONOCHROME2\xff").replace(b"1.2.3\x00", b"SECRET")
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with pytest.raises(ImageError) as failure:
            read_image(data)
    assert "SECRET" not in str(failure.value)
    assert failure.value.__cause__ is None
    assert not said
    assert not caplog.records
    assert capfd.readouterr() == ("", "")
    assert not logging.getLogger("pydicom").disabled


def test_a_claimed_size_beyond_reason_is_refused_before_anything_is_decoded(make_dicom, film):
    side = int(MAX_PIXELS**0.5) + 1
    refused(make_dicom(film, Rows=side, Columns=side), "pixels; a radiograph was expected")
    for syntax in LOSSLESS[4:]:
        refused(make_dicom(film, syntax, Rows=8000, Columns=8000), "damaged or truncated pixels")
