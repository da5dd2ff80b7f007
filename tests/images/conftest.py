"""DICOM files made to order, in any encoding."""

import io
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)


def jpeg_2000(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG2000", irreversible=False, no_jp2=True)
    return buffer.getvalue()


def lossless_jpeg(pixels: np.ndarray, predictor: int) -> bytes:
    bits = 8 * pixels.dtype.itemsize
    return imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=predictor, bitspersample=bits)


ENCODERS: dict[UID, Callable[[np.ndarray], bytes]] = {
    JPEGLossless: lambda pixels: lossless_jpeg(pixels, 6),
    JPEGLosslessSV1: lambda pixels: lossless_jpeg(pixels, 1),
    JPEGLSLossless: imagecodecs.jpegls_encode,
    JPEG2000Lossless: jpeg_2000,
}


def make(
    pixels: np.ndarray | bytes, syntax: UID = ExplicitVRLittleEndian, **elements: Any
) -> bytes:
    """Return a DICOM file of `pixels`; elements given as None are left out.

    An element given as a `DataElement` keeps its VR, right or wrong. Bytes are taken as already
    compressed, and need Rows and Columns.
    """
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = "1.2.3"
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.SamplesPerPixel = 1
    dataset.PixelRepresentation = 0
    dataset.BitsAllocated = 16
    if isinstance(pixels, bytes):
        dataset.PixelData = encapsulate([pixels])
    else:
        dataset.Rows, dataset.Columns = pixels.shape[:2]
        dataset.BitsAllocated = 8 * pixels.dtype.itemsize
        dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
        if pixels.ndim == 3:
            dataset.SamplesPerPixel, dataset.PlanarConfiguration = 3, 0
            dataset.PhotometricInterpretation = "RGB"
        if syntax in ENCODERS:
            dataset.PixelData = encapsulate([ENCODERS[syntax](pixels.view(f"u{pixels.itemsize}"))])
        else:
            order = ">" if syntax == ExplicitVRBigEndian else "<"
            data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
            dataset.PixelData = data + bytes(len(data) % 2)
    dataset.BitsAllocated = elements.get("BitsAllocated", dataset.BitsAllocated)
    dataset.BitsStored = elements.get("BitsStored", dataset.BitsAllocated)
    dataset.HighBit = dataset.BitsStored - 1
    dataset["PixelData"].VR = "OB" if dataset.BitsAllocated == 8 else "OW"
    dataset["PixelData"].is_undefined_length = syntax.is_encapsulated
    if syntax == RLELossless:
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(RLELossless, encoding_plugin="pydicom")
    for keyword, value in elements.items():
        if value is None:
            delattr(dataset, keyword)
        elif isinstance(value, DataElement):
            dataset.add(value)
        else:
            setattr(dataset, keyword, value)
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def make_dicom() -> Callable[..., bytes]:
    """Give tests the function that makes DICOM files."""
    return make


@pytest.fixture(scope="session")
def film() -> np.ndarray:
    """A smooth, slightly noisy picture of 12 bits, uint16 (120, 90)."""
    y, x = np.mgrid[:120, :90]
    noise = np.random.default_rng(0).normal(0, 8, x.shape)
    return (2000 + 900 * np.sin(x / 13) + 900 * np.cos(y / 17) + noise).astype(np.uint16)
