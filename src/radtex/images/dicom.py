"""From DICOM files to 8-bit grey pixels."""

import io
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ImageError
from radtex.images.codecs import BIG_ENDIAN, ENCAPSULATED, NATIVE, Layout, decode
from radtex.images.dicom_dataset import careful_reading, read_dataset
from radtex.images.grey_levels import GreyScale, Intensity, LookupTable, Window, equalize
from radtex.images.pictures import MAX_PIXELS

if TYPE_CHECKING:
    from pydicom import Dataset

_KEYWORDS = (
    *("Rows", "Columns", "SamplesPerPixel", "PlanarConfiguration", "NumberOfFrames"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("PhotometricInterpretation", "PresentationLUTShape"),
    *("PixelPaddingValue", "PixelPaddingRangeLimit"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence"),
    *("WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence"),
    *(
        f"{colour}PaletteColorLookupTable{part}"
        for colour in ("Red", "Green", "Blue")
        for part in ("Descriptor", "Data")
    ),
    "PixelData",
)
_LUMINANCE = np.array([0.299, 0.587, 0.114])
"""Luminance of red, green and blue (ITU-R 601-2)."""

_COLOURS = {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"}
_GREYS = {"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"}


def read_dicom(
    data: bytes, name: str, enough: int | None, intensity: Intensity
) -> NDArray[np.uint8]:
    """Read a DICOM file as grey levels.

    Stored values are rescaled and pass the VOI table or window: the first of several, and a table
    before a window. Without one they are scaled by the image's own range. They are inverted if
    the image is MONOCHROME1 or if its presentation shape is INVERSE, and become 8-bit. Padding
    becomes black. Colour becomes luminance; the markers of a colour JPEG say what it is.

    Args:
        data: the file.
        name: what messages call it.
        enough: as in `radtex.images.read_image`.
        intensity: as in `radtex.images.read_image`.

    Returns:
        Grey levels, uint8 (height, width), 0 is black.

    Raises:
        ImageError: if the file is damaged, holds no image or several, or is encoded in a way that
            is not read here. Its message quotes no header value.
    """
    with careful_reading(name):
        dataset = read_dataset(io.BytesIO(data), name, _KEYWORDS, pixels=True)
        layout = _layout(dataset, name)
        scale = _grey_scale(dataset, layout.syntax == BIG_ENDIAN) if layout.samples == 1 else None
        encoded = _encoded(dataset, layout)
        luminance_first = dataset.PhotometricInterpretation.startswith("YBR_FULL")
    try:
        stored, bits = decode(encoded, layout, enough)
    except Exception as error:  # each codec raises its own types on damaged data
        raise ImageError(f"{name} holds damaged or truncated pixels") from error
    if scale is not None:
        return scale.grey(stored, bits, intensity)
    if stored.ndim == 3:
        luminance = stored[..., 0] if luminance_first else stored @ _LUMINANCE
        stored = np.rint(luminance * (255 / (2**bits - 1)))
    grey = stored.astype(np.uint8)
    return equalize(grey) if intensity == "equalize" else grey


def _layout(dataset: "Dataset", name: str) -> Layout:
    """Return how the pixels are stored, or refuse the image."""
    if "PixelData" not in dataset:
        raise ImageError(f"{name} is a DICOM file without pixels, or cut off before them")
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames != 1:
        raise ImageError(f"{name} holds {frames} frames; one radiograph was expected")
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    if not 1 <= rows * columns <= MAX_PIXELS:
        raise ImageError(
            f"{name} has {rows} × {columns} pixels; a radiograph was expected, "
            f"of at most {MAX_PIXELS:,}"
        )
    syntax = str(dataset.file_meta.get("TransferSyntaxUID") or _unnamed_syntax(dataset))
    if syntax not in (*NATIVE, *ENCAPSULATED):
        raise ImageError(f"{name} has the transfer syntax {syntax}, which is not read")
    samples = int(dataset.get("SamplesPerPixel") or 1)
    photometric = dataset.PhotometricInterpretation
    if photometric not in (_GREYS if samples == 1 else _COLOURS if samples == 3 else ()):
        raise ImageError(f"{name} is neither grey nor of a kind of colour that is read")
    allocated = int(dataset.BitsAllocated)
    stored = int(dataset.get("BitsStored") or allocated)
    if allocated not in (8, 16) or not 1 <= stored <= allocated:
        raise ImageError(f"{name} has pixels of {allocated} bits; 8 to 16 were expected")
    high = int(dataset.get("HighBit") or 0)  # missing in some archives
    native = syntax in NATIVE
    return Layout(
        syntax=syntax,
        rows=rows,
        columns=columns,
        samples=samples,
        allocated=allocated,
        stored=stored,
        high=high if stored <= high + 1 <= allocated else stored - 1,
        planar=samples == 3 and dataset.get("PlanarConfiguration") == 1,
        subsampled=native and photometric == "YBR_FULL_422",
        swapped=syntax == BIG_ENDIAN and allocated == 8 and dataset["PixelData"].VR == "OW",
    )


def _unnamed_syntax(dataset: "Dataset") -> str:
    implicit, little_endian = dataset.original_encoding
    return NATIVE[0] if implicit else NATIVE[1] if little_endian else BIG_ENDIAN


def _encoded(dataset: "Dataset", layout: Layout) -> bytes:
    from pydicom.encaps import get_frame

    if layout.syntax in NATIVE:
        return bytes(dataset.PixelData)
    return get_frame(dataset.PixelData, 0, number_of_frames=1)


def _grey_scale(dataset: "Dataset", big_endian: bool) -> GreyScale:
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        return GreyScale(palette=_palette(dataset, big_endian))
    modality = dataset.get("ModalityLUTSequence")
    lowest = dataset.get("PixelPaddingValue")
    highest = dataset.get("PixelPaddingRangeLimit", lowest)
    return GreyScale(
        signed=dataset.get("PixelRepresentation") == 1,
        slope=_number(dataset.get("RescaleSlope"), 1),
        intercept=_number(dataset.get("RescaleIntercept"), 0),
        modality=_table(modality[0], big_endian)[0] if modality else None,
        voi=_voi(dataset, big_endian),
        inverted=dataset.PhotometricInterpretation == "MONOCHROME1"
        or dataset.get("PresentationLUTShape") == "INVERSE",
        padding=None if lowest is None else (min(lowest, highest), max(lowest, highest)),
    )


def _voi(dataset: "Dataset", big_endian: bool) -> LookupTable | Window | None:
    """Return the first VOI table or window; one without a width is none."""
    if tables := dataset.get("VOILUTSequence"):
        table, bits = _table(tables[0], big_endian)
        return replace(table, entries=table.entries / (2**bits - 1))
    width = _number(dataset.get("WindowWidth"), 0)
    if width <= 0 or dataset.get("WindowCenter") is None:
        return None
    function = dataset.get("VOILUTFunction") or "LINEAR"
    return Window(_number(dataset.WindowCenter, 0), width, function)


def _palette(dataset: "Dataset", big_endian: bool) -> LookupTable:
    """Return the luminance of the palette's colours, 0…1."""
    tables = []
    for colour in ("Red", "Green", "Blue"):
        keyword = f"{colour}PaletteColorLookupTable"
        descriptor, data = dataset[f"{keyword}Descriptor"].value, dataset[f"{keyword}Data"].value
        tables.append(_entries(descriptor, data, big_endian))
    entries = np.stack(tables, axis=1) @ _LUMINANCE
    # Some files call 8-bit entries 16-bit.
    return LookupTable(int(descriptor[1]), entries / (65535 if np.max(tables) > 255 else 255))


def _table(item: "Dataset", big_endian: bool) -> tuple[LookupTable, int]:
    """Return a modality or VOI table, and the bits of its entries."""
    _, first, bits = (int(number) for number in item.LUTDescriptor)
    return LookupTable(first, _entries(item.LUTDescriptor, item.LUTData, big_endian)), bits


def _entries(descriptor: Any, data: Any, big_endian: bool) -> NDArray[np.float64]:
    """Return the entries of a table, whether they came as numbers or as bytes of 8 or 16 bits."""
    if isinstance(data, bytes):
        count = (int(descriptor[0]) & 0xFFFF) or 2**16
        depth = 2 if len(data) >= 2 * count else 1
        return np.frombuffer(data, f"{'>' if big_endian else '<'}u{depth}").astype(np.float64)
    return (np.atleast_1d(np.array(data)) & 0xFFFF).astype(np.float64)


def _number(value: Any, default: float) -> float:
    """Return the first of an element's numbers."""
    if value is None or value == "":
        return default
    number = float(value if isinstance(value, str | float | int) else value[0])
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number
