"""What the elements of a DICOM file say about grey levels, also in functional groups."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radtex.images.grey_levels import GreyScale, LookupTable, Window
from radtex.images.pixel_samples import UnreadImageError, luminance

if TYPE_CHECKING:
    from pydicom import Dataset

_PALETTES = tuple(f"{colour}PaletteColorLookupTable" for colour in ("Red", "Green", "Blue"))

GREY_SCALE_KEYWORDS = (
    *("PixelRepresentation", "PresentationLUTShape"),
    *("PixelPaddingValue", "PixelPaddingRangeLimit"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence"),
    *("WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *(f"{palette}{part}" for palette in _PALETTES for part in ("Descriptor", "Data")),
)
"""Keywords of the elements that are read here."""

_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


def grey_scale(dataset: "Dataset", photometric: str, big_endian: bool) -> GreyScale:
    """Return how stored values of one sample become grey.

    Call it within `careful_reading`.

    Args:
        dataset: with the elements of `GREY_SCALE_KEYWORDS`, where the file has them.
        photometric: MONOCHROME1, MONOCHROME2 or PALETTE COLOR.
        big_endian: whether the file is.

    Raises:
        UnreadImageError: if an element states what cannot be.
        Exception: whatever pydicom raises on damaged elements.
    """
    if photometric == "PALETTE COLOR":
        return GreyScale(palette=_palette(dataset, big_endian))
    rescaling = _stating(
        dataset,
        "PixelValueTransformationSequence",
        ("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept"),
    )
    slope, intercept = _number(rescaling, "RescaleSlope"), _number(rescaling, "RescaleIntercept")
    if slope == 0:
        raise UnreadImageError(
            "has a RescaleSlope of 0, which makes all pixels alike; correct or remove the element"
        )
    modality = rescaling.get("ModalityLUTSequence")
    return GreyScale(
        signed=dataset.get("PixelRepresentation") == 1,
        slope=1.0 if slope is None else slope,
        intercept=intercept or 0.0,
        modality=_table(modality[0], big_endian, "ModalityLUTSequence") if modality else None,
        voi=_voi(dataset, big_endian),
        inverted=photometric == "MONOCHROME1" or code(dataset, "PresentationLUTShape") == "INVERSE",
        padding=_padding(dataset),
    )


def code(dataset: "Dataset", keyword: str) -> str:
    """Return an element that is one code string, in capitals; "" if it is none or missing."""
    value = dataset.get(keyword)
    return value.strip(" \0").upper() if isinstance(value, str) else ""


def _stating(dataset: "Dataset", group: str, keywords: Iterable[str]) -> "Dataset":
    """Return what states any of the elements: the frame, all frames, or the file itself."""
    for groups in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        for item in (dataset.get(groups) or [])[:1]:
            part: Dataset
            for part in (item.get(group) or [])[:1]:
                if any(part.get(keyword) not in (None, "") for keyword in keywords):
                    return part
    return dataset


def _padding(dataset: "Dataset") -> tuple[int, int] | None:
    value, limit = (
        _number(dataset, keyword) for keyword in ("PixelPaddingValue", "PixelPaddingRangeLimit")
    )
    if value is None:
        return None
    ends = sorted((int(value), int(value if limit is None else limit)))
    return ends[0], ends[1]


def _voi(dataset: "Dataset", big_endian: bool) -> LookupTable | Window | None:
    """Return the first VOI table or window; one without a width is none."""
    stating = _stating(dataset, "FrameVOILUTSequence", ("VOILUTSequence", "WindowWidth"))
    if tables := stating.get("VOILUTSequence"):
        table = _table(tables[0], big_endian, "VOILUTSequence")
        # The bits that the descriptor states are too many or too few in some files.
        bits = max(1, int(table.entries.max()).bit_length())
        return replace(table, entries=table.entries / (2**bits - 1))
    centre, width = _number(stating, "WindowCenter"), _number(stating, "WindowWidth")
    if centre is None or width is None or width <= 0:
        return None
    function = code(stating, "VOILUTFunction")
    return Window(centre, width, function if function in _FUNCTIONS else "LINEAR")


def _palette(dataset: "Dataset", big_endian: bool) -> LookupTable:
    """Return the luminance of the palette's colours, 0…1."""
    tables = []
    for palette in _PALETTES:
        if f"{palette}Descriptor" not in dataset or f"{palette}Data" not in dataset:
            raise UnreadImageError(f"lacks {palette}Data or its descriptor")
        descriptor, data = dataset[f"{palette}Descriptor"].value, dataset[f"{palette}Data"].value
        tables.append(_entries(descriptor, data, big_endian, f"{palette}Data"))
    colours = np.stack(tables, axis=1)
    # Some files call 8-bit entries 16-bit.
    white = 65535 if colours.max() > 255 else 255
    return LookupTable(int(descriptor[1]), luminance(colours[None])[0] / white)


def _table(item: "Dataset", big_endian: bool, keyword: str) -> LookupTable:
    descriptor = item.LUTDescriptor
    entries = _entries(descriptor, item.LUTData, big_endian, f"the LUTData of {keyword}")
    return LookupTable(int(descriptor[1]), entries)


def _entries(descriptor: Any, data: Any, big_endian: bool, what: str) -> NDArray[np.float64]:
    """Return the entries of a table, of 16 bits or two in a word of 16 bits."""
    count = (int(descriptor[0]) & 0xFFFF) or 2**16
    if isinstance(data, bytes):
        words = np.frombuffer(data + bytes(len(data) % 2), ">u2" if big_endian else "<u2")
    else:
        words = np.atleast_1d(np.array(data)) & 0xFFFF
    if len(words) < count <= 2 * len(words):
        words = words.astype("<u2").view(np.uint8)
    if len(words) < count:
        raise UnreadImageError(f"holds fewer entries in {what} than the descriptor says")
    return words[:count].astype(np.float64)


def _number(dataset: "Dataset", keyword: str) -> float | None:
    """Return the first of an element's numbers, or None where it is missing or empty."""
    try:
        value = dataset.get(keyword)
        if value is None or value == "":
            return None
        number = float(value if isinstance(value, str | float | int) else value[0])
    except (ValueError, TypeError, IndexError, ArithmeticError):
        number = math.nan
    if not math.isfinite(number):
        raise UnreadImageError(f"states no number in {keyword}; correct or remove the element")
    return number
