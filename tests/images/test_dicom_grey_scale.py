"""Elements of DICOM files that say what grey is: tables, windows, padding, functional groups."""

import io

import numpy as np
import pydicom
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radtex.errors import ImageError
from radtex.images import read_image

RAMP = 3 * np.arange(32 * 40, dtype=np.uint16).reshape(32, 40)
"""Stored values from 0 to 3837 that end at neither end of 12 bits."""
SQUARE = np.rint(4095 * (np.arange(4096) / 4095) ** 2).astype(np.uint16)
"""A table that is darker than its input."""
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]


def corners(grey: np.ndarray) -> list[int]:
    return [int(grey[0, 0]), int(grey[16, 20]), int(grey[31, 39])]


def table(entries: np.ndarray | bytes, bits: int, first: int = 0, vr: str = "US") -> Dataset:
    """An item of a LUT sequence; entries as bytes are OW, as numbers US."""
    item = Dataset()
    packed = isinstance(entries, bytes)
    count = len(entries) // 2 if packed else len(entries)
    item.add_new("LUTDescriptor", vr, [count if count < 2**16 else 0, first, bits])
    item.add_new("LUTData", "OW" if packed else "US", entries if packed else entries.tolist())
    return item


def group(**elements: object) -> Dataset:
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


@pytest.mark.parametrize("stated", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("needed", [8, 10, 12, 14, 16])
def test_a_voi_table_has_the_bits_that_its_entries_need(make_dicom, stated, needed):
    entries = np.rint((2**needed - 1) * (np.arange(4096) / 4095) ** 2).astype(np.uint16)
    data = make_dicom(RAMP, BitsStored=12, VOILUTSequence=[table(entries, stated)])
    grey = read_image(data)
    expected = np.rint(255 * (entries[RAMP] / (2**needed - 1)))
    np.testing.assert_array_equal(grey, expected)
    if needed >= 12:
        assert corners(grey) == [0, 60, 224]


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("packed", [False, True])
def test_a_table_is_the_same_as_words_and_as_bytes(make_dicom, syntax, packed):
    order = ">u2" if syntax == ExplicitVRBigEndian else "<u2"
    entries = SQUARE.astype(order).tobytes() if packed else SQUARE
    data = make_dicom(RAMP, syntax, BitsStored=12, VOILUTSequence=[table(entries, 16)])
    assert corners(read_image(data)) == [0, 60, 224]


@pytest.mark.parametrize("vr", ["US", "OW"])
def test_256_entries_of_8_bits_may_stand_two_in_a_word(make_dicom, vr):
    levels = np.rint(255 * (np.arange(256) / 255) ** 2).astype(np.uint8)
    words = levels.view("<u2")
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [256, 0, 8])
    item.add_new("LUTData", vr, words.tolist() if vr == "US" else words.tobytes())
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    read = read_image(make_dicom(pixels, VOILUTSequence=[item]))
    np.testing.assert_array_equal(read, levels[pixels])


def test_a_table_of_65536_entries_states_0(make_dicom):
    entries = np.arange(2**16).astype(np.uint16)
    data = make_dicom(RAMP, VOILUTSequence=[table(entries, 16)])
    np.testing.assert_array_equal(read_image(data), np.rint(255 * (RAMP / 65535)))


def test_a_table_that_is_cut_off_is_refused_and_one_too_long_cut(make_dicom):
    short, long = table(SQUARE[:1500], 12), table(np.append(SQUARE, 65535), 12)
    short.LUTDescriptor[0] = long.LUTDescriptor[0] = 4096
    with pytest.raises(ImageError, match="fewer entries in the LUTData of VOILUTSequence"):
        read_image(make_dicom(RAMP, BitsStored=12, VOILUTSequence=[short]))
    data = make_dicom(RAMP, BitsStored=12, VOILUTSequence=[long])
    assert corners(read_image(data)) == [0, 60, 224]


@pytest.mark.parametrize("keyword", ["VOILUTSequence", "ModalityLUTSequence"])
@pytest.mark.parametrize(("vr", "first"), [("US", 63536), ("SS", -2000)])
def test_the_first_input_of_a_table_has_either_sign(make_dicom, keyword, vr, first):
    pixels = RAMP.astype(np.int16) - 2000
    item = Dataset()
    item.add_new("LUTDescriptor", vr, [4096, first, 16])
    entries = np.rint(65535 * (np.arange(4096) / 4095) ** 2).astype("<u2")
    item.add_new("LUTData", "OW", entries.tobytes())
    data = make_dicom(pixels, **{keyword: [item]})
    expected = entries[RAMP] / (65535 if keyword == "VOILUTSequence" else entries[RAMP].max())
    assert np.abs(read_image(data) - 255 * expected).max() <= 0.51


def test_a_table_after_rescaling_to_negative_values_states_them_unsigned(make_dicom):
    item = table(SQUARE, 12, first=65536 - 1000)
    data = make_dicom(RAMP, BitsStored=12, RescaleIntercept=-1000, VOILUTSequence=[item])
    assert corners(read_image(data)) == [0, 60, 224]


def test_padding_with_the_vr_of_the_other_sign(make_dicom):
    pixels = RAMP.astype(np.int16) - 2000
    pixels[:4] = -32768
    padding = DataElement("PixelPaddingValue", "US", 32768)
    assert corners(read_image(make_dicom(pixels, PixelPaddingValue=padding))) == [0, 114, 255]
    data = make_dicom(
        pixels,
        PhotometricInterpretation="MONOCHROME1",
        PixelPaddingValue=padding,
        WindowCenter=0,
        WindowWidth=4000,
    )
    assert corners(read_image(data)) == [0, 129, 10]


@pytest.mark.parametrize(("vr", "ends"), [("US", [63036, 63536]), ("SS", [-2500, -2000])])
@pytest.mark.parametrize("order", [1, -1])
def test_a_range_of_padding_with_either_sign(make_dicom, vr, ends, order):
    pixels = RAMP.astype(np.int16)
    pixels[:4] = np.linspace(-2500, -2000, 160).reshape(4, 40).astype(int)
    value, limit = ends[::order]
    data = make_dicom(
        pixels,
        PixelPaddingValue=DataElement("PixelPaddingValue", vr, value),
        PixelPaddingRangeLimit=DataElement("PixelPaddingRangeLimit", vr, limit),
    )
    shown = RAMP[4:].astype(float) - RAMP[4, 0]
    grey = read_image(data)
    assert not grey[:4].any()
    assert np.abs(grey[4:] - 255 * shown / shown.max()).max() <= 0.51


def test_padding_that_the_pixels_cannot_hold_is_none(make_dicom):
    data = make_dicom(
        RAMP, BitsStored=12, PixelPaddingValue=DataElement("PixelPaddingValue", "SS", -2000)
    )
    assert corners(read_image(data)) == [0, 132, 255]


def windowed() -> Dataset:
    voi = group(WindowCenter=2000, WindowWidth=1000)
    rescaling = group(RescaleSlope=-1, RescaleIntercept=4095, RescaleType="US")
    return group(FrameVOILUTSequence=[voi], PixelValueTransformationSequence=[rescaling])


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("groups", ["Shared", "PerFrame"])
def test_window_and_rescaling_of_functional_groups(make_dicom, syntax, groups):
    sequence = {f"{groups}FunctionalGroupsSequence": [windowed()]}
    data = make_dicom(RAMP, syntax, BitsStored=12, NumberOfFrames=1, **sequence)
    assert corners(read_image(data)) == [255, 157, 0]


def test_what_a_frame_says_goes_before_all_frames_and_these_before_the_file(make_dicom):
    other = group(FrameVOILUTSequence=[group(WindowCenter=50, WindowWidth=50)])
    rest = group(PixelValueTransformationSequence=[group(RescaleSlope=-1, RescaleIntercept=4095)])
    window = group(FrameVOILUTSequence=[group(WindowCenter=2000, WindowWidth=1000)])
    shared = group(**{element.keyword: element.value for element in (*other, *rest)})
    data = make_dicom(
        RAMP,
        BitsStored=12,
        WindowCenter=10,
        WindowWidth=5,
        RescaleSlope=2,
        RescaleIntercept=0,
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=[window],
    )
    assert corners(read_image(data)) == [255, 157, 0]


def test_a_table_of_functional_groups_and_empty_groups(make_dicom):
    shared = group(FrameVOILUTSequence=[group(VOILUTSequence=[table(SQUARE, 16)])])
    data = make_dicom(
        RAMP,
        BitsStored=12,
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=[group(FrameVOILUTSequence=[])],
    )
    assert corners(read_image(data)) == [0, 60, 224]
    empty = {f"{name}FunctionalGroupsSequence": [] for name in ("Shared", "PerFrame")}
    assert corners(read_image(make_dicom(RAMP, BitsStored=12, **empty))) == [0, 132, 255]


def test_a_negative_slope_turns_the_grey_scale(make_dicom):
    data = make_dicom(RAMP, BitsStored=12, RescaleSlope=-0.5, RescaleIntercept=9)
    assert corners(read_image(data)) == [255, 123, 0]


@pytest.mark.parametrize("function", ["SIGMOID", "sigmoid ", "linear_exact", "NONSENSE", "", None])
def test_the_function_of_a_window_is_read_in_any_case(make_dicom, function):
    data = make_dicom(RAMP, WindowCenter=2000, WindowWidth=1000, VOILUTFunction=function or "")
    x = 1980 - 2000
    expected = {
        "SIGMOID": 255 / (1 + np.exp(-4 * x / 1000)),
        "LINEAR_EXACT": 255 * (x / 1000 + 0.5),
    }.get((function or "").strip().upper(), 255 * ((x + 0.5) / 999 + 0.5))
    assert read_image(data)[16, 20] == round(expected)


@pytest.mark.parametrize(
    ("elements", "named"),
    [
        ({"PhotometricInterpretation": None}, "lacks PhotometricInterpretation"),
        ({"PhotometricInterpretation": ""}, "lacks PhotometricInterpretation"),
        ({"PhotometricInterpretation": "HSV"}, r"\(PhotometricInterpretation\)"),
        ({"RescaleSlope": 0}, "RescaleSlope of 0"),
        ({"WindowCenter": 20000, "WindowWidth": 100}, r"\(WindowCenter, WindowWidth\)"),
        ({"WindowCenter": -20000, "WindowWidth": 100}, r"\(WindowCenter, WindowWidth\)"),
        ({"WindowCenter": 2000, "WindowWidth": 1}, r"\(WindowCenter, WindowWidth\)"),
        ({"VOILUTSequence": [table(SQUARE, 12, first=5000)]}, r"\(VOILUTSequence\)"),
        ({"Rows": None}, "lacks Rows"),
        ({"BitsAllocated": None}, "lacks BitsAllocated"),
        ({"BitsStored": 17}, r"\(BitsStored\) of 16 \(BitsAllocated\)"),
        ({"PixelPaddingValue": 0, "PixelPaddingRangeLimit": 4095}, "PixelPaddingValue"),
        ({"RescaleSlope": "1e400"}, "no number in RescaleSlope"),
    ],
)
def test_a_refusal_names_the_element(make_dicom, elements, named):
    data = make_dicom(RAMP, **{"BitsStored": 12} | elements)
    with pytest.raises(ImageError, match=named) as refusal:
        read_image(data)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("keyword", ["RescaleSlope", "WindowWidth", "WindowCenter"])
def test_a_number_that_is_none_is_named(make_dicom, keyword):
    elements = {"RescaleSlope": "1.5000", "WindowWidth": "900.25", "WindowCenter": "1500.0"}
    data = make_dicom(RAMP, BitsStored=12, **elements)
    stated = elements[keyword].encode()
    assert data.count(stated) == 1
    with pytest.raises(ImageError, match=f"no number in {keyword}"):
        read_image(data.replace(stated, stated.replace(b".", b",")))


def test_a_palette_that_lacks_a_colour_is_named(make_dicom):
    data = make_dicom(RAMP.astype(np.uint8), PhotometricInterpretation="PALETTE COLOR")
    with pytest.raises(ImageError, match="lacks RedPaletteColorLookupTableData"):
        read_image(data)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_is_read_with_its_first_input(make_dicom, bits):
    colours = np.random.default_rng(0).integers(0, 2**bits, (3, 100))
    elements = {}
    for name, entries in zip(("Red", "Green", "Blue"), colours, strict=True):
        keyword = f"{name}PaletteColorLookupTable"
        elements[f"{keyword}Descriptor"] = DataElement(
            f"{keyword}Descriptor", "US", [100, 20, bits]
        )
        elements[f"{keyword}Data"] = DataElement(
            f"{keyword}Data", "OW", entries.astype(f"<u{bits // 8}").tobytes()
        )
    pixels = np.arange(20, 120, dtype=np.uint8).reshape(10, 10)
    data = make_dicom(pixels, PhotometricInterpretation="PALETTE COLOR", **elements)
    expected = 255 * ([0.299, 0.587, 0.114] @ colours / (2**bits - 1)).reshape(10, 10)
    assert np.abs(read_image(data) - expected).max() <= 0.51


def test_messages_quote_nothing_of_the_header(make_dicom):
    dataset = pydicom.dcmread(io.BytesIO(make_dicom(RAMP, BitsStored=12)))
    dataset.PhotometricInterpretation = "DOE^JANE"
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    with pytest.raises(ImageError) as refusal:
        read_image(buffer.getvalue())
    assert "DOE" not in str(refusal.value)
