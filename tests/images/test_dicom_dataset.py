"""Data sets are read quietly and frugally, whatever the file claims."""

import io
import logging
import warnings

import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from radtex.errors import ImageError
from radtex.images import dicom_dataset
from radtex.images.dicom_dataset import careful_reading, is_dicom, read_dataset


def read(data: bytes, *keywords: str, pixels: bool = False):
    with careful_reading("film.dcm"):
        return read_dataset(io.BytesIO(data), "film.dcm", keywords, pixels)


def test_a_dicom_file_is_known_by_its_beginning(make_dicom, film):
    data = make_dicom(film)
    assert is_dicom(data)
    assert is_dicom(data[132:])  # without its preamble
    for other in (b"", b"\x89PNG\r\n\x1a\n" + bytes(200), b"\xff\xd8\xff" + bytes(200), b"DICM"):
        assert not is_dicom(other)


def test_only_what_is_asked_for_is_read(make_dicom, film):
    dataset = read(make_dicom(film, PatientID="P 7", Modality="DX"), "Modality", "Rows")
    assert (dataset.Modality, dataset.Rows) == ("DX", 120)
    assert "PatientID" not in dataset
    assert "PixelData" not in dataset
    assert dataset.file_meta.TransferSyntaxUID


def test_a_deflated_file_is_inflated(make_dicom, film):
    data = make_dicom(film, DeflatedExplicitVRLittleEndian, Modality="DX")
    dataset = read(data, "Modality", "PixelData", pixels=True)
    assert dataset.Modality == "DX"
    np.testing.assert_array_equal(
        np.frombuffer(dataset.PixelData, np.uint16).reshape(film.shape), film
    )


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [("MAX_BYTES", 5000, "inflates beyond 5,000 bytes"), ("MAX_READS", 3, "absurdly many or long")],
)
def test_beyond_its_limits_nothing_is_read(make_dicom, film, monkeypatch, limit, value, message):
    monkeypatch.setattr(dicom_dataset, limit, value)
    with pytest.raises(ImageError, match=message):
        read(make_dicom(film, DeflatedExplicitVRLittleEndian), "Rows", "PixelData", pixels=True)


def test_failures_become_one_error_that_quotes_nothing():
    message = "film is a damaged or truncated DICOM file"
    with pytest.raises(ImageError, match=message) as failure, careful_reading("film"):
        raise KeyError("SECRET")
    assert failure.value.__suppress_context__
    assert "SECRET" not in str(failure.value)


def test_errors_of_the_disk_and_of_images_pass_as_they_are():
    for error in (FileNotFoundError(2, "no such file"), ImageError("holds 2 frames")):
        with pytest.raises(type(error)) as failure, careful_reading("film"):
            raise error
        assert failure.value is error
    with pytest.raises(ImageError), careful_reading("film"):
        raise OSError("not of the disk")


def test_pydicom_is_silent_within_and_speaks_again_afterwards(caplog):
    logger = logging.getLogger("pydicom")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with careful_reading("film"):
            logger.error("SECRET")
            warnings.warn("SECRET", stacklevel=1)
        assert not said
        assert not caplog.records
        logger.error("heard")
        warnings.warn("heard", stacklevel=1)
    assert [str(warning.message) for warning in said] == ["heard"]
    assert [record.message for record in caplog.records] == ["heard"]
