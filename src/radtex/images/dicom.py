"""From DICOM files to 8-bit grey pixels."""

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ImageError
from radtex.images.codecs import BIG_ENDIAN, ENCAPSULATED, NATIVE, Layout, decode
from radtex.images.dicom_dataset import careful_reading, read_dataset
from radtex.images.dicom_grey_scale import GREY_SCALE_KEYWORDS, code, grey_scale
from radtex.images.grey_levels import Intensity, equalize
from radtex.images.pixel_samples import MAX_PIXELS, UnreadImageError, by_rows, luminance

if TYPE_CHECKING:
    from pydicom import Dataset

_KEYWORDS = (
    *("Rows", "Columns", "SamplesPerPixel", "PlanarConfiguration", "NumberOfFrames"),
    *("BitsAllocated", "BitsStored", "HighBit", "PhotometricInterpretation"),
    *GREY_SCALE_KEYWORDS,
    "PixelData",
)
_COLOURS = {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"}
_GREYS = {"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"}


class FramesError(ImageError):
    """A file of several pictures, where one radiograph was expected."""

    def __init__(self, message: str, frames: int) -> None:
        """Say how many `frames` there are."""
        super().__init__(message)
        self.frames = frames


def read_dicom(
    data: bytes, name: str, enough: int | None, intensity: Intensity
) -> NDArray[np.uint8]:
    """Read a DICOM file as grey levels.

    Stored values are rescaled and pass the VOI table or window: the first of several, a table
    before a window, and those of the frame or of all frames before the file's own. Without one
    they are scaled by the image's own range. They are inverted if the image is MONOCHROME1 or if
    its presentation shape is INVERSE, and become 8-bit. Padding becomes black. Colour becomes
    luminance; the markers of a colour JPEG say what it is, or, where it has none, the header.

    Args:
        data: the file.
        name: what messages call it.
        enough: as in `radtex.images.read_image`.
        intensity: as in `radtex.images.read_image`.

    Returns:
        Grey levels, uint8 (height, width), 0 is black.

    Raises:
        ImageError: if the file is damaged, holds no image or several, is encoded in a way that is
            not read here, or states what cannot be. Its message names the element, and quotes no
            header value but numbers.
    """
    try:
        with careful_reading(name):
            dataset = read_dataset(io.BytesIO(data), name, _KEYWORDS, pixels=True)
            layout, photometric = _layout(dataset, name)
            scale = None
            if layout.samples == 1:
                scale = grey_scale(dataset, photometric, layout.syntax == BIG_ENDIAN)
            encoded = _encoded(dataset, layout)
        try:
            stored, bits = decode(encoded, layout, enough)
        except Exception as error:  # each codec raises its own types on damaged data
            raise ImageError(f"{name} holds damaged or truncated pixels") from error
        if scale is not None:
            return scale.grey(stored, bits, intensity)
    except UnreadImageError as error:
        raise ImageError(f"{name} {error}") from None
    if stored.ndim == 3:
        bright = photometric.startswith("YBR_FULL")
        stored = by_rows(
            stored,
            lambda rows: np.rint(
                (rows[..., 0] if bright else luminance(rows)) * (255 / (2**bits - 1))
            ),
            np.uint8,
        )
    grey = stored.astype(np.uint8, copy=False)
    return equalize(grey) if intensity == "equalize" else grey


def _layout(dataset: "Dataset", name: str) -> tuple[Layout, str]:
    """Return how the pixels are stored and what they mean, or refuse the image."""
    if "PixelData" not in dataset:
        raise ImageError(f"{name} is a DICOM file without pixels, or cut off before them")
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames != 1:
        raise FramesError(f"{name} holds {frames} frames; one radiograph was expected", frames)
    rows, columns = _stated(dataset, "Rows"), _stated(dataset, "Columns")
    if not 1 <= rows * columns <= MAX_PIXELS:
        raise ImageError(
            f"{name} has {rows} × {columns} pixels; a radiograph was expected, "
            f"of at most {MAX_PIXELS:,}"
        )
    syntax = str(dataset.file_meta.get("TransferSyntaxUID") or _unnamed_syntax(dataset))
    if syntax not in (*NATIVE, *ENCAPSULATED):
        raise ImageError(f"{name} has the transfer syntax {syntax}, which is not read")
    photometric = code(dataset, "PhotometricInterpretation")
    samples = int(dataset.get("SamplesPerPixel") or (3 if photometric in _COLOURS else 1))
    if photometric not in (_GREYS if samples == 1 else _COLOURS if samples == 3 else ()):
        raise UnreadImageError(_of_no_kind(photometric))
    allocated = _stated(dataset, "BitsAllocated")
    stored = int(dataset.get("BitsStored") or allocated)
    if allocated not in (8, 16):
        raise ImageError(
            f"{name} has pixels of {allocated} bits (BitsAllocated); 8 or 16 were expected"
        )
    if not 1 <= stored <= allocated:
        raise ImageError(
            f"{name} states {stored} bits in use (BitsStored) of {allocated} (BitsAllocated); "
            "1 or more, and no more than these, were expected"
        )
    high = int(dataset.get("HighBit") or 0)  # missing in some archives
    bits = rows * columns * allocated
    layout = Layout(
        syntax=syntax,
        rows=rows,
        columns=columns,
        samples=samples,
        allocated=allocated,
        stored=stored,
        high=high if stored <= high + 1 <= allocated else stored - 1,
        planar=samples == 3 and dataset.get("PlanarConfiguration") == 1,
        subsampled=syntax in NATIVE and _subsampled(dataset, photometric, bits),
        rgb=photometric == "RGB",
        swapped=syntax == BIG_ENDIAN and allocated == 8 and dataset["PixelData"].VR == "OW",
    )
    return layout, photometric


def _stated(dataset: "Dataset", keyword: str) -> int:
    value = dataset.get(keyword)
    if value is None:
        raise UnreadImageError(f"lacks {keyword}, without which the pixels cannot be read")
    return int(value)


def _of_no_kind(photometric: str) -> str:
    if photometric:
        return "is neither grey nor of a kind of colour that is read (PhotometricInterpretation)"
    return (
        "lacks PhotometricInterpretation, so whether high values are bright is unknown; "
        "add MONOCHROME1 or MONOCHROME2"
    )


def _subsampled(dataset: "Dataset", photometric: str, bits: int) -> bool:
    """Tell whether two pixels share their colours: the length decides, as some files err."""
    if photometric not in ("YBR_FULL", "YBR_FULL_422"):
        return False
    shared, whole = 2 * bits // 8, 3 * bits // 8
    length = len(dataset.PixelData)
    if photometric == "YBR_FULL_422":
        return length < whole
    return shared <= length <= shared + shared % 2


def _unnamed_syntax(dataset: "Dataset") -> str:
    implicit, little_endian = dataset.original_encoding
    return NATIVE[0] if implicit else NATIVE[1] if little_endian else BIG_ENDIAN


def _encoded(dataset: "Dataset", layout: Layout) -> bytes:
    from pydicom.encaps import get_frame

    if layout.syntax in NATIVE:
        return bytes(dataset.PixelData)
    return get_frame(dataset.PixelData, 0, number_of_frames=1)
