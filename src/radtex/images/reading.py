"""From DICOM files and pictures to 8-bit grey pixels."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radtex.errors import ImageError
from radtex.images.dicom_dataset import is_dicom
from radtex.images.grey_levels import Intensity, equalize
from radtex.images.pictures import decode_picture
from radtex.images.pixel_samples import MAX_PIXELS, UnreadImageError, by_rows
from radtex.inputs import read_input

# Of damaged metadata, which cost no picture; a filter for a while would not be safe with threads.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

MAX_FILE = 2**28
"""Bytes above which an image file is refused before it is read: more than the largest uncompressed
image has."""


def read_image(
    source: Path | str | bytes, enough: int | None = None, intensity: Intensity = "window"
) -> NDArray[np.uint8]:
    """Read a DICOM, PNG, JPEG, TIFF, BMP or WebP file as grey levels.

    Colour becomes luminance (ITU-R 601-2) and transparency is ignored. Images of more than 8 bits
    without a window are scaled by their own range: their darkest pixel becomes 0, their
    brightest 255. Pictures are turned upright as their EXIF says.

    Args:
        source: a path, or the bytes of the file. The bytes tell which kind of file it is.
        enough: a short side in pixels that is enough. A JPEG or JPEG 2000, also within DICOM, may
            then be decoded at a half, a quarter or less of its size, but to no less than twice
            this side. It has no effect if the image is equalised.
        intensity: "window" shows a DICOM as a viewer would, and keeps the grey levels of other
            files. "equalize" leaves out the window and equalises the histogram, as the published
            MIMIC-CXR-JPG was made; images that were equalised before need "window".

    Returns:
        Grey levels, uint8 (height, width), 0 is black.

    Raises:
        ImageError: if the image is damaged or truncated, of another format, one of several in
            its file, of more than `MAX_PIXELS` pixels, or of one colour; if a DICOM file lacks an
            element or states what cannot be; or if the file is no plain file, or has more than
            `MAX_FILE` bytes.
        OSError: if there is no such file, or it cannot be read.

    Example:
        >>> import io
        >>> import radtex
        >>> from PIL import Image
        >>> file = io.BytesIO()
        >>> Image.linear_gradient("L").save(file, "PNG")
        >>> pixels = radtex.read_image(file.getvalue())
        >>> pixels.shape, int(pixels.min()), int(pixels.max())
        ((256, 256), 0, 255)
    """
    name = "the image" if isinstance(source, bytes) else str(source)
    data = source if isinstance(source, bytes) else read_input(source, MAX_FILE, ImageError)
    if intensity == "equalize":
        enough = None  # a reduced image has another histogram
    if is_dicom(data):
        from radtex.images.dicom import read_dicom

        grey = read_dicom(data, name, enough, intensity)
    else:
        grey = _read_picture(data, name, enough, intensity)
    if grey.min() == grey.max():
        raise ImageError(f"{name} holds one colour only; a radiograph was expected")
    return grey


def _read_picture(
    data: bytes, name: str, enough: int | None, intensity: Intensity
) -> NDArray[np.uint8]:
    try:
        pixels = decode_picture(data, enough)
    except Image.DecompressionBombError as error:
        raise ImageError(
            f"{name} has more than {MAX_PIXELS:,} pixels; a radiograph was expected"
        ) from error
    except UnreadImageError as error:
        raise ImageError(f"{name} {error}") from error
    except Exception as error:  # Pillow's decoders raise a dozen types on damaged data
        raise ImageError(
            f"{name} is damaged, truncated, or no DICOM, PNG, JPEG, TIFF, BMP or WebP"
        ) from error
    darkest, brightest = float(pixels.min()), float(pixels.max())
    if pixels.dtype != np.uint8 and darkest < brightest:
        scale = 255.0 / (brightest - darkest)
        pixels = by_rows(pixels, lambda rows: np.rint((rows - darkest) * scale), np.uint8)
    grey = pixels.astype(np.uint8, copy=False)
    return equalize(grey) if intensity == "equalize" else grey
