"""The headers of DICOM files."""

import io
import logging
import warnings

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from radtex.errors import ImageError
from radtex.images import Header, read_header


@pytest.fixture
def rich(make_dicom, film):
    """A function that makes a file with every element the header is about."""

    def make(syntax=ImplicitVRLittleEndian):
        code = pydicom.Dataset()
        code.CodeValue, code.CodeMeaning = "R-10206", "antero-posterior"
        elements = {
            "PatientID": "P 7",
            "StudyInstanceUID": "1.2.1",
            "SeriesInstanceUID": "1.2.2",
            "AccessionNumber": "A0001",
            "Modality": "DX",
            "BodyPartExamined": "CHEST",
            "ViewPosition": "AP",
            "ViewCodeSequence": [code],
            "PatientOrientation": ["L", "F"],
            "SeriesDescription": "AP portable",
            "StudyDescription": "Chest",
            "ProtocolName": "Thorax",
            "PatientSex": "F",
            "PatientAge": "047Y",
            "StudyDate": "20150731",
            "ImageType": ["DERIVED", "PRIMARY"],
            "BurnedInAnnotation": "NO",
        }
        return make_dicom(film, syntax, **elements)

    return make


WHOLE = Header(
    patient_id="P 7",
    study_uid="1.2.1",
    series_uid="1.2.2",
    sop_uid="1.2.3",
    accession="A0001",
    modality="DX",
    body_part="CHEST",
    view_position="AP",
    view_code="antero-posterior R-10206",
    patient_orientation="L\\F",
    series_description="AP portable",
    study_description="Chest",
    protocol="Thorax",
    sex="F",
    age="047Y",
    study_date="20150731",
    image_type="DERIVED\\PRIMARY",
    burned_in="NO",
    photometric="MONOCHROME2",
    rows=120,
    columns=90,
)


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_all_is_read_in_any_encoding(rich, tmp_path, syntax):
    file = tmp_path / "film.dcm"
    file.write_bytes(rich(syntax))
    assert read_header(file) == WHOLE


def test_neither_preamble_nor_pixels_are_needed(rich, tmp_path):
    file = tmp_path / "film"
    file.write_bytes(rich()[132:-15_000])
    assert read_header(file) == WHOLE


def test_what_is_absent_or_empty_is_blank(make_dicom, film, tmp_path):
    file = tmp_path / "film.dcm"
    file.write_bytes(make_dicom(film, ViewPosition="", ImageType=[]))
    header = read_header(file)
    assert header.view_position == header.image_type == header.view_code == header.accession == ""


def test_what_is_no_dicom_is_refused(tmp_path):
    picture, text = tmp_path / "film.dcm", tmp_path / "notes.dcm"
    Image.fromarray(np.eye(9, dtype=np.uint8)).save(picture, "PNG")
    text.write_text("a report")
    for file in (picture, text):
        with pytest.raises(ImageError, match="is no DICOM file"):
            read_header(file)
    with pytest.raises(FileNotFoundError):
        read_header(tmp_path / "none.dcm")


def test_a_damaged_header_is_refused_without_a_word_of_it(make_dicom, film, tmp_path, caplog):
    dataset = pydicom.dcmread(io.BytesIO(make_dicom(film)))
    del dataset.Rows
    dataset.add_new("Rows", "LO", "SECRET")
    file = tmp_path / "film.dcm"
    dataset.save_as(file)
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with pytest.raises(ImageError, match="damaged or truncated DICOM file") as failure:
            read_header(file)
    assert "SECRET" not in str(failure.value)
    assert failure.value.__suppress_context__
    assert not said
    assert not caplog.records
