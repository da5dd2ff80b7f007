"""The picture of a map in a PACS."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread

from fixtures.orthanc import Orthanc, dicom_film, noise
from radtex.errors import ImageError, RadtexError
from radtex.explaining.secondary_capture import DESCRIPTION, secondary_capture, with_warning
from radtex.explaining.target_map import explain_target


@pytest.fixture
def film(tmp_path: Path) -> Path:
    dicom_film(noise(1), 1).save_as(tmp_path / "film.dcm", enforce_file_format=True)
    return tmp_path / "film.dcm"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (90, 300, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def test_a_picture_belongs_to_the_films_study_and_says_what_it_is(
    film: Path, picture: Path
) -> None:
    found = secondary_capture(picture, film, "Edema: probability 0.8.")
    assert found.SOPClassUID.name == "Secondary Capture Image Storage"
    assert (found.PatientID, found.StudyInstanceUID) == ("p1", "1.2.1")
    assert found.AccessionNumber == "A1"
    assert found.SeriesDescription == DESCRIPTION
    assert "not for diagnosis" in found.SeriesDescription
    assert found.DerivationDescription.startswith("Research output of a machine. Not for diagnosis")
    assert found.ImageType == ["DERIVED", "SECONDARY"]
    assert found.SourceImageSequence[0].ReferencedSOPInstanceUID == "1.2.1.1.1"
    shown, drawn = found.pixel_array, np.asarray(Image.open(picture))
    assert np.array_equal(shown[-90:], drawn)
    assert shown[:-90].max() > 200


@pytest.mark.parametrize(
    ("characters", "name"),
    [
        (None, "Doe^Jane"),
        ("ISO_IR 100", "Müller^Jürgen"),
        ("ISO_IR 144", "Иванов^Пётр"),
        ("ISO_IR 192", "Nowák^Łucja"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎"),
    ],
)
def test_names_and_words_of_any_script_stay_what_they_are(
    tmp_path: Path, picture: Path, characters: str | list[str] | None, name: str
) -> None:
    more = {"SpecificCharacterSet": characters} if characters else {}
    film = dicom_film(noise(1), 1, PatientName=name, **more)
    film.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    file = BytesIO()
    drawn = secondary_capture(picture, tmp_path / "film.dcm", "“Erguß” …")
    drawn.save_as(file, enforce_file_format=True)
    found = dcmread(BytesIO(file.getvalue()))
    assert str(found.PatientName) == name
    assert found.DerivationDescription.endswith("“Erguß” …")


def test_the_warning_fits_in_any_width() -> None:
    for width in (300, 1200, 1600):
        whole = with_warning(np.zeros((10, width, 3), np.uint8))
        lit = np.nonzero(whole[:-10].max((0, 2)))[0]
        assert lit[0] > 0
        assert lit[-1] < width - 1


def test_the_same_picture_has_the_same_uid(film: Path, picture: Path) -> None:
    first, second = (secondary_capture(picture, film, "Edema.") for _ in range(2))
    assert first.SOPInstanceUID == second.SOPInstanceUID
    Image.fromarray(np.zeros((90, 300, 3), np.uint8)).save(picture)
    assert secondary_capture(picture, film, "Edema.").SOPInstanceUID != first.SOPInstanceUID


def test_a_film_without_uids_cannot_be_referred_to(picture: Path) -> None:
    with pytest.raises(ImageError, match="no DICOM file with a study, series and instance UID"):
        secondary_capture(picture, picture, "")


def test_without_highdicom_the_line_says_what_to_install(
    film: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "highdicom", None)
    with pytest.raises(RadtexError, match=r"pip install 'radtex\[dicom-sr\]'"):
        secondary_capture(picture, film, "")


def test_a_map_is_stored_beside_the_film_and_found_again(
    orthanc: Orthanc, kept: Path, film: Path, tmp_path: Path
) -> None:
    orthanc.add(dcmread(film))
    capture = tmp_path / "capture.dcm"
    out = tmp_path / "map.png"
    explain_target(kept / "classifier", film, "Edema", out, dicom_sc=capture, pacs=orthanc.url)
    (held,) = orthanc.held("OT")
    found, kept_file = dcmread(BytesIO(held)), dcmread(capture)
    assert isinstance(found, Dataset)
    assert found.StudyInstanceUID == "1.2.1"
    assert found.SOPInstanceUID == kept_file.SOPInstanceUID
    assert np.array_equal(found.pixel_array, kept_file.pixel_array)
    drawn = np.asarray(Image.open(out).convert("RGB"))
    assert np.array_equal(found.pixel_array[-len(drawn) :], drawn)
