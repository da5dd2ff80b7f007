"""A classifier on films of a PACS, and its reports back, against Orthanc."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from fixtures.orthanc import Orthanc, dicom_film, noise
from radtex.classifiers.pacs_films import PacsFilms
from radtex.classifiers.predict import predict
from radtex.corpus.corpus import Corpus
from radtex.errors import ImageError, PacsError
from radtex.images import Preprocessing
from radtex.pacs import pacs as pacs_module


@pytest.fixture
def films(kept: Path) -> list[Dataset]:
    """Two frontal films of the classifier's corpus, and a lateral one."""
    corpus = Corpus.open(kept / "corpus")
    pixels = corpus.images[corpus.rows("test")[:3]]
    views = ("PA", "AP", "LL")
    return [
        dicom_film(film, number, ViewPosition=view)
        for number, (film, view) in enumerate(zip(pixels, views, strict=True), 1)
    ]


def test_films_are_read_and_their_reports_found_again(
    orthanc: Orthanc, kept: Path, films: list[Dataset], tmp_path: Path, caplog
) -> None:
    orthanc.add(*films)
    (tmp_path / "films").mkdir()
    for number, film in enumerate(films[:2]):
        film.save_as(tmp_path / "films" / f"{number}.dcm", enforce_file_format=True)
    caplog.set_level("INFO")
    options = {"pacs": orthanc.url, "query": ["StudyDate=20240301"]}
    found = json.loads(predict(kept / "classifier", (), "json", store=True, **options))
    local = json.loads(predict(kept / "classifier", [str(tmp_path / "films")], "json"))
    assert [each["study"] for each in found] == ["1.2.1", "1.2.2"]
    for key in ("probabilities", "positive", "distance", "patient", "accession"):
        assert [each[key] for each in found] == [each[key] for each in local]
    assert "2 reports stored" in caplog.text
    assert "1 of 3 series and instances that were found are no frontal" in caplog.text
    reports = {each.StudyInstanceUID: each for each in _reports(orthanc)}
    assert reports.keys() == {"1.2.1", "1.2.2"}
    for each in found:
        report = reports[each["study"]]
        assert report.PatientID == each["patient"]
        (evidence,) = report.CurrentRequestedProcedureEvidenceSequence
        (film,) = evidence.ReferencedSeriesSequence[0].ReferencedSOPSequence
        assert each["image"].endswith(film.ReferencedSOPInstanceUID)
        assert _probabilities(report) == pytest.approx(
            list(each["probabilities"].values()), abs=1e-6
        )
    again = json.loads(predict(kept / "classifier", (), "json", store=True, **options))
    assert again == found
    assert len(_reports(orthanc)) == 2  # the same answer is stored once


def test_a_study_has_one_row_and_one_report(
    orthanc: Orthanc, kept: Path, films: list[Dataset]
) -> None:
    films[1].StudyInstanceUID, films[1].PatientID = "1.2.1", "p1"
    orthanc.add(*films[:2])
    predict(kept / "classifier", (), per_study=True, pacs=orthanc.url, store=True)
    (report,) = _reports(orthanc)
    (evidence,) = report.CurrentRequestedProcedureEvidenceSequence
    assert len(evidence.ReferencedSeriesSequence) == 2


def test_reports_may_also_go_to_a_folder(
    orthanc: Orthanc, kept: Path, films: list[Dataset], tmp_path: Path
) -> None:
    orthanc.add(films[0])
    predict(kept / "classifier", (), pacs=orthanc.url, dicom_sr=tmp_path / "sr")
    (file,) = (tmp_path / "sr").iterdir()
    assert dcmread(file).StudyInstanceUID == "1.2.1"
    assert _reports(orthanc) == []


def test_a_report_that_is_not_kept_is_told_with_those_that_were(
    orthanc: Orthanc, kept: Path, films: list[Dataset], monkeypatch
) -> None:
    orthanc.add(*films)
    store, calls = pacs_module.Pacs.store, []

    def once(self, data_sets) -> None:
        calls.append(data_sets)
        if len(calls) > 1:
            raise PacsError("full")
        store(self, data_sets)

    monkeypatch.setattr(pacs_module.Pacs, "store", once)
    with pytest.raises(PacsError, match=r"^full \(1 reports were stored before\)$"):
        predict(kept / "classifier", (), pacs=orthanc.url, store=True)


def test_nothing_to_read_is_told(orthanc: Orthanc, films: list[Dataset]) -> None:
    with pytest.raises(ImageError, match="finds no study"):
        PacsFilms(orthanc.url, ()).read(Preprocessing(16))
    orthanc.add(films[2])
    with pytest.raises(ImageError, match="no frontal chest radiograph that the query finds"):
        PacsFilms(orthanc.url, ()).read(Preprocessing(16))


def test_a_damaged_film_costs_its_row_alone(orthanc: Orthanc) -> None:
    orthanc.add(dicom_film(noise(1), 1), dicom_film(noise(2), 2, PixelData=b"\0" * 8))
    films = PacsFilms(orthanc.url, ())
    read = list(films.read(Preprocessing(16)).films)
    assert [each.pixels is None for each in read] == [False, True]
    assert "damaged" in read[1].error
    assert read[0].belongs_to.patient == "p1"
    assert films.source_of(read[0].image_id) is not None
    assert np.asarray(read[0].pixels).shape == (16, 16)


@pytest.mark.parametrize(
    ("names", "options", "why"),
    [
        (["a.png"], {"pacs": "http://localhost"}, "not both"),
        (["a.png"], {"query": ["Modality=DX"]}, "for a PACS; name it by --pacs"),
        (["a.png"], {"store": True}, "for a PACS; name it by --pacs"),
    ],
)
def test_options_that_do_not_fit_are_told(kept: Path, names, options, why: str) -> None:
    with pytest.raises(ImageError, match=why):
        predict(kept / "classifier", names, **options)


def _reports(peer: Orthanc) -> list[Dataset]:
    return [dcmread(BytesIO(each)) for each in peer.held("SR")]


def _probabilities(report: Dataset) -> list[float]:
    found, left = [], [report]
    while left:
        item = left.pop(0)
        if item.get("ValueType") == "NUM":
            found.append(float(item.MeasuredValueSequence[0].NumericValue))
        left = [*item.get("ContentSequence", []), *left]
    return found
