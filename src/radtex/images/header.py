"""What the header of a DICOM file says about an image, its study and its patient."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from radtex.errors import ImageError
from radtex.images.dicom_dataset import careful_reading, is_dicom, read_dataset

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


@dataclass(frozen=True)
class Header:
    """Header values as they stand in the file; "" or 0 where absent.

    Several values of one element are joined by a backslash, as in the file.
    view_code: meaning and value of the first item of ViewCodeSequence, with a space between.
    age: four characters such as "047Y". study_date: YYYYMMDD.
    burned_in: "YES" where text was burned into the pixels. rows, columns: in pixels.
    """

    patient_id: str = ""
    study_uid: str = ""
    series_uid: str = ""
    sop_uid: str = ""
    accession: str = ""
    modality: str = ""
    body_part: str = ""
    view_position: str = ""
    view_code: str = ""
    patient_orientation: str = ""
    series_description: str = ""
    study_description: str = ""
    protocol: str = ""
    sex: str = ""
    age: str = ""
    study_date: str = ""
    image_type: str = ""
    burned_in: str = ""
    photometric: str = ""
    rows: int = 0
    columns: int = 0


def read_header(path: Path) -> Header:
    """Read the header of a DICOM file; the pixels are not touched.

    Raises `ImageError` if the file is no DICOM or is damaged, and the usual `OSError` if it
    cannot be read.
    """
    with path.open("rb") as file:
        if not is_dicom(file.read(132)):
            raise ImageError(f"{path} is no DICOM file")
        file.seek(0)
        with careful_reading(str(path)):
            keywords = [*_KEYWORDS.values(), "ViewCodeSequence", "Rows", "Columns"]
            dataset = read_dataset(file, str(path), keywords, pixels=False)
            return Header(
                **{field: _text(dataset.get(key)) for field, key in _KEYWORDS.items()},
                view_code=_code(dataset),
                rows=int(dataset.get("Rows") or 0),
                columns=int(dataset.get("Columns") or 0),
            )


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
