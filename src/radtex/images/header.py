"""What the header of a DICOM file says about an image, its study and its patient."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from radtex.errors import ImageError
from radtex.images.dicom_dataset import careful_reading, is_dicom, read_dataset
from radtex.inputs import open_input

if TYPE_CHECKING:
    from pydicom import Dataset

_KEYWORDS = {
    "patient_id": "PatientID",
    "study_uid": "StudyInstanceUID",
    "series_uid": "SeriesInstanceUID",
    "sop_uid": "SOPInstanceUID",
    "accession": "AccessionNumber",
    "modality": "Modality",
    "body_part": "BodyPartExamined",
    "view_position": "ViewPosition",
    "patient_orientation": "PatientOrientation",
    "series_description": "SeriesDescription",
    "study_description": "StudyDescription",
    "protocol": "ProtocolName",
    "sex": "PatientSex",
    "age": "PatientAge",
    "study_date": "StudyDate",
    "image_type": "ImageType",
    "burned_in": "BurnedInAnnotation",
    "photometric": "PhotometricInterpretation",
}

HEADER_KEYWORDS = (*_KEYWORDS.values(), "ViewCodeSequence", "Rows", "Columns")
"""The elements that a `Header` is made of."""


@dataclass(frozen=True)
class Header:
    """Header values as they stand in the file; "" or 0 where absent.

    Several values of one element are joined by a backslash, as in the file.
    """

    patient_id: str = ""
    """PatientID."""
    study_uid: str = ""
    """StudyInstanceUID."""
    series_uid: str = ""
    """SeriesInstanceUID."""
    sop_uid: str = ""
    """SOPInstanceUID."""
    accession: str = ""
    """AccessionNumber."""
    modality: str = ""
    """Modality, such as CR or DX."""
    body_part: str = ""
    """BodyPartExamined."""
    view_position: str = ""
    """ViewPosition."""
    view_code: str = ""
    """Meaning and value of the first item of ViewCodeSequence, with a space between."""
    patient_orientation: str = ""
    """PatientOrientation: the directions of the rows and of the columns."""
    series_description: str = ""
    """SeriesDescription."""
    study_description: str = ""
    """StudyDescription."""
    protocol: str = ""
    """ProtocolName."""
    sex: str = ""
    """PatientSex."""
    age: str = ""
    """PatientAge, four characters such as "047Y"."""
    study_date: str = ""
    """StudyDate, YYYYMMDD."""
    image_type: str = ""
    """ImageType."""
    burned_in: str = ""
    """BurnedInAnnotation: "YES" where text was burned into the pixels."""
    photometric: str = ""
    """PhotometricInterpretation."""
    rows: int = 0
    """Height in pixels."""
    columns: int = 0
    """Width in pixels."""


def read_header(path: Path) -> Header:
    """Read the header of a DICOM file; the pixels are not touched.

    Args:
        path: the file.

    Raises:
        ImageError: if the file is no DICOM, is damaged, or is no plain file.
        OSError: if the file cannot be read.
    """
    with open_input(path, None, ImageError) as file:
        return _read(file, str(path))


def header_in(data: bytes) -> Header:
    """Read the header of a DICOM file that is in memory.

    Args:
        data: the file.

    Raises:
        ImageError: if the file is no DICOM or is damaged.
    """
    return _read(io.BytesIO(data), "the image")


def header_of(dataset: "Dataset") -> Header:
    """Return what a data set says; call it within `careful_reading`."""
    return Header(
        **{field: _text(dataset.get(key)) for field, key in _KEYWORDS.items()},
        view_code=_code(dataset),
        rows=int(dataset.get("Rows") or 0),
        columns=int(dataset.get("Columns") or 0),
    )


def _read(file: BinaryIO, name: str) -> Header:
    if not is_dicom(file.read(132)):
        raise ImageError(f"{name} is no DICOM file")
    file.seek(0)
    with careful_reading(name):
        return header_of(read_dataset(file, name, HEADER_KEYWORDS, pixels=False))


def _code(dataset: "Dataset") -> str:
    items = dataset.get("ViewCodeSequence") or []
    parts = [_text(item.get(key)) for item in items[:1] for key in ("CodeMeaning", "CodeValue")]
    return " ".join(part for part in parts if part)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    return "\\".join(str(part).strip() for part in value)
