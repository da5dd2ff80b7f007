"""DICOM structured reports, read back by pydicom."""

from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from radtex.classifiers.prediction import Prediction
from radtex.classifiers.structured_report import (
    NOT_FOR_DIAGNOSIS,
    Author,
    refuse_without_highdicom,
    write_structured_reports,
)
from radtex.errors import ImageError, OutputError, RadtexError

AUTHOR = Author("seen", "ab" * 32, "youden", (("Edema", 0.2), ("Enlarged Cardiomediastinum", 0.4)))


def write_film(path: Path, number: int, **changed: object) -> Path:
    data = Dataset()
    data.SOPClassUID = DigitalXRayImageStorageForPresentation
    data.SOPInstanceUID = f"1.2.3.{number}"
    data.SeriesInstanceUID, data.StudyInstanceUID = "1.2.4", "1.2.5"
    data.PatientName, data.PatientID, data.Modality = "Doe^Jane", "p1", "DX"
    data.Rows = data.Columns = 4
    for keyword, value in changed.items():
        setattr(data, keyword, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    data.save_as(path, enforce_file_format=True)
    return path


def answer(*files: Path, reason: str = "") -> Prediction:
    names = tuple(map(str, files))
    return Prediction(names[0], (0.75, 0.1), (True, False), False, 1.0, reason, files=names)


def items(report: Dataset) -> list[Dataset]:
    found, left = [], [report]
    while left:
        item = left.pop(0)
        found.append(item)
        left += item.get("ContentSequence", [])
    return found


def test_a_report_says_who_speaks_of_which_film_and_what(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.dcm", 1)
    assert write_structured_reports([answer(film)], AUTHOR, tmp_path / "sr") == 1
    (file,) = (tmp_path / "sr").iterdir()
    report = dcmread(file)
    assert report.SOPClassUID.name == "Comprehensive 3D SR Storage"
    assert file.name == f"{report.SOPInstanceUID}.dcm"
    assert (report.PatientID, report.StudyInstanceUID) == ("p1", "1.2.5")
    assert report.VerificationFlag == "UNVERIFIED"
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    (evidence,) = report.CurrentRequestedProcedureEvidenceSequence
    assert evidence.ReferencedSeriesSequence[0].ReferencedSOPSequence[
        0
    ].ReferencedSOPInstanceUID == ("1.2.3.1")
    found = items(report)
    texts = [each.TextValue for each in found if each.get("ValueType") == "TEXT"]
    assert NOT_FOR_DIAGNOSIS in texts
    assert f"sha256 {AUTHOR.digest}" in texts
    assert "operating point youden, threshold 0.200000" in texts
    numbers = [
        float(e.MeasuredValueSequence[0].NumericValue)
        for e in found
        if "NUM" in e.get("ValueType", "")
    ]
    assert numbers == [0.75, 0.1]
    meanings = [
        each.ConceptCodeSequence[0].CodeMeaning for each in found if each.get("ValueType") == "CODE"
    ]
    assert [each for each in meanings if each in ("Present", "Absent")] == ["Present", "Absent"]
    assert {"Edema", "Enlarged Cardiomediastinum"} <= set(meanings)


@pytest.mark.parametrize(
    ("characters", "name"),
    [("ISO_IR 144", "Иванов^Пётр"), (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎")],
)
def test_names_of_any_script_stay_what_they_are(
    tmp_path: Path, characters: str | list[str], name: str
) -> None:
    film = write_film(tmp_path / "a.dcm", 1, SpecificCharacterSet=characters, PatientName=name)
    assert write_structured_reports([answer(film)], AUTHOR, tmp_path / "sr") == 1
    (file,) = (tmp_path / "sr").iterdir()
    assert str(dcmread(file).PatientName) == name


def test_a_study_has_one_report_of_all_its_films(tmp_path: Path) -> None:
    films = [write_film(tmp_path / f"{number}.dcm", number) for number in (1, 2)]
    write_structured_reports([answer(*films)], AUTHOR, tmp_path / "sr")
    (file,) = (tmp_path / "sr").iterdir()
    (series,) = dcmread(file).CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    assert len(series.ReferencedSOPSequence) == 2


def test_a_film_without_an_answer_has_a_report_that_says_so(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.dcm", 1)
    silent = Prediction(str(film), None, None, True, 9.0, "unlike", files=(str(film),))
    write_structured_reports([silent], AUTHOR, tmp_path / "sr")
    (file,) = (tmp_path / "sr").iterdir()
    found = items(dcmread(file))
    assert not [each for each in found if each.get("ValueType") == "NUM"]
    assert "No answer: unlike." in [each.get("TextValue") for each in found]


def test_what_is_no_dicom_file_is_left_out_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    picture, gone = tmp_path / "a.png", tmp_path / "gone.dcm"
    picture.write_bytes(b"\x89PNG")
    nameless = write_film(tmp_path / "b.dcm", 1, StudyInstanceUID="")
    fine = write_film(tmp_path / "c.dcm", 2)
    rows = [answer(path) for path in (picture, gone, nameless, fine)]
    assert write_structured_reports(rows, AUTHOR, tmp_path / "sr") == 1
    assert "3 of 4 have no structured report" in caplog.text
    with pytest.raises(ImageError, match="no structured report was written"):
        write_structured_reports(rows[:3], AUTHOR, tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with pytest.raises(OutputError, match="already exists"):
        write_structured_reports(rows, AUTHOR, tmp_path / "sr")


def test_without_highdicom_the_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "highdicom", None)
    with pytest.raises(RadtexError, match=r"pip install 'radtex\[dicom-sr\]'"):
        refuse_without_highdicom()
