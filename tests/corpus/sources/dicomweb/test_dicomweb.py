"""A PACS as a source, against Orthanc."""

from typing import Any

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import BasicTextSRStorage, CTImageStorage

from fixtures.archives import counted
from fixtures.orthanc import Orthanc, dicom_film, noise
from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.record import Record
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError, PacsError
from radtex.images import read_image


def built(peer: Orthanc, folder: Any, *query: str, **options: Any) -> Corpus:
    source = open_source("dicomweb", url=peer.url, query=list(query))
    return build(source, folder / "corpus", size=32, workers=1, **options)


def document(number: int, text: str, **changed: Any) -> Dataset:
    """Return a Basic Text SR of a study of `dicom_film`: a section of findings."""
    film = dicom_film(noise(0), number)
    report = Dataset()
    for keyword in ("PatientName", "PatientID", "StudyInstanceUID", "StudyDate", "StudyTime"):
        setattr(report, keyword, film[keyword].value)
    report.SOPClassUID, report.Modality = BasicTextSRStorage, "SR"
    report.SeriesInstanceUID, report.SOPInstanceUID = f"1.2.{number}.2", f"1.2.{number}.2.1"
    report.ContentDate, report.ContentTime = "20240302", "080000"
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "VERIFIED"
    report.ValueType, report.ContinuityOfContent = "CONTAINER", "SEPARATE"
    section, item = Dataset(), Dataset()
    section.RelationshipType, section.ValueType = "CONTAINS", "CONTAINER"
    section.ConceptNameCodeSequence = [code("121070", "Findings")]
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", text
    item.ConceptNameCodeSequence = [code("121071", "Finding")]
    section.ContentSequence = [item]
    report.ContentSequence = [section]
    for keyword, value in changed.items():
        setattr(report, keyword, value)
    report.file_meta = film.file_meta
    report.file_meta.MediaStorageSOPClassUID = report.SOPClassUID
    report.file_meta.MediaStorageSOPInstanceUID = report.SOPInstanceUID
    return report


def code(value: str, meaning: str) -> Dataset:
    found = Dataset()
    found.CodeValue, found.CodingSchemeDesignator, found.CodeMeaning = value, "DCM", meaning
    return found


def test_the_radiographs_of_a_pacs_become_a_corpus(orthanc: Orthanc, tmp_path, capfd) -> None:
    films = [noise(number) for number in range(4)]
    orthanc.add(*(dicom_film(pixels, number) for number, pixels in enumerate(films, 1)))
    lateral = {"SOPInstanceUID": "1.2.1.1.2", "ViewPosition": "LL"}
    ct = {"SOPClassUID": CTImageStorage, "SeriesInstanceUID": "1.2.9.1", "Modality": "CT"}
    hand = {"SOPInstanceUID": "1.2.1.1.3", "BodyPartExamined": "HAND"}
    nobody = {"PatientID": "", "SOPInstanceUID": "1.2.8.1"}
    orthanc.add(dicom_film(noise(8), 1, **lateral), dicom_film(noise(9), 1, **hand))
    orthanc.add(dicom_film(noise(7), 1, SOPInstanceUID="1.2.9.1.1", **ct))
    orthanc.add(dicom_film(noise(6), 8, **nobody))
    orthanc.add(document(2, "There is edema."))
    corpus = built(orthanc, tmp_path)
    index = corpus.index.set_index("image_id")
    assert sorted(index.index) == [f"1.2.{number}.1.1" for number in (1, 2, 3, 4)]
    row = index.loc["1.2.2.1.1"]
    assert (row["patient_id"], row["study_id"], row["view"]) == ("p2", "1.2.2", "PA")
    assert (row["age"], row["sex"], row["accession"]) == (50, "F", "A2")
    assert row["source_path"] == "studies/1.2.2/series/1.2.2.1/instances/1.2.2.1.1"
    assert row["findings"] == "There is edema."
    assert index.loc["1.2.1.1.1", "findings"] == ""
    assert row["patient_namespace"] == "dicom"
    assert counted(corpus) == {
        "in": 9,
        "kept": 4,
        "view is lateral": 1,
        "modality is CT": 1,
        "modality is SR": 1,
        "body part is not the chest": 1,
        "patient id is empty": 1,
        "no report": 3,
    }
    assert corpus.info["source"] == {
        "name": "dicomweb",
        "public_ids": False,
        "root": orthanc.url,
        "query": [],
        "patients": 4,
        "studies": 5,
        "studies_with_report": 1,
    }
    told = (tmp_path / "corpus" / "corpus.json").read_text() + "".join(capfd.readouterr())
    assert "secret" not in told
    assert "Doe" not in told


def test_a_query_chooses_studies_and_series(orthanc: Orthanc) -> None:
    orthanc.add(dicom_film(noise(1), 1), dicom_film(noise(2), 2, StudyDate="20230101"))
    orthanc.add(dicom_film(noise(3), 3, Modality="CR"))
    orthanc.add(dicom_film(noise(4), 4, SeriesDescription="THORAX P.A."))
    orthanc.add(document(4, "There is edema."))

    def found(*query: str) -> list[Record]:
        entries = open_source("dicomweb", url=orthanc.url, query=query).listing("utf-8").entries
        return [each for each in entries if isinstance(each, Record)]

    def studies(*query: str) -> list[str]:
        return sorted(each.study_id for each in found(*query))

    assert studies() == ["1.2.1", "1.2.2", "1.2.3", "1.2.4"]
    assert studies("Modality=CR") == ["1.2.3"]
    assert studies("StudyDate=20230101-20231231") == ["1.2.2"]
    assert studies("StudyInstanceUID=1.2.3") == ["1.2.3"]
    assert studies("SeriesDescription=THORAX*") == ["1.2.4"]
    (chosen,) = found("SeriesDescription=THORAX*")
    assert chosen.texts.findings == "There is edema."
    with pytest.raises(CorpusError, match="finds no study; ask for others by --query"):
        studies("PatientID=nobody")


def test_a_table_of_reports_is_joined_by_accession_number(orthanc: Orthanc, tmp_path) -> None:
    orthanc.add(dicom_film(noise(1), 1), dicom_film(noise(2), 2))
    table = tmp_path / "reports.csv"
    table.write_text("accession,report\nA1,FINDINGS: Clear.\nA2,FINDINGS: Edema.\n")
    corpus = built(orthanc, tmp_path, reports=table)
    found = corpus.index.set_index("accession")["findings"].to_dict()
    assert found == {"A1": "Clear.", "A2": "Edema."}


def test_a_corpus_of_a_pacs_equals_that_of_its_files(orthanc: Orthanc, tmp_path) -> None:
    films = [dicom_film(noise(number), number) for number in (1, 2, 3)]
    orthanc.add(*films)
    for number, film in enumerate(films):
        (tmp_path / "export").mkdir(exist_ok=True)
        film.save_as(tmp_path / "export" / f"{number}", enforce_file_format=True)
    remote = built(orthanc, tmp_path)
    source = open_source("dicom", root=tmp_path / "export")
    local = build(source, tmp_path / "local", size=32, workers=1)
    assert np.array_equal(remote.images, local.images)
    for column in ("image_id", "study_id", "patient_id", "view", "age", "sex", "split"):
        assert remote.index[column].tolist() == local.index[column].tolist()


def test_wrong_credentials_stop_at_once(orthanc: Orthanc, tmp_path, monkeypatch) -> None:
    orthanc.add(dicom_film(noise(1), 1))
    monkeypatch.setenv("RADTEX_PACS_LOGIN", "radtex:wrong")
    with pytest.raises(PacsError, match=r"refuses access \(401\); set RADTEX_PACS_TOKEN") as raised:
        built(orthanc, tmp_path)
    assert "wrong" not in str(raised.value)
    assert not (tmp_path / "corpus").exists()


def test_a_pacs_that_goes_away_midway_is_gone_on_with(orthanc: Orthanc, tmp_path, monkeypatch):
    from radtex.corpus import staging
    from radtex.pacs import bounded_session

    orthanc.add(*(dicom_film(noise(number), number) for number in range(1, 7)))
    whole = built(orthanc, tmp_path / "whole")
    asked: list[str] = []
    once = bounded_session.BoundedSession._once

    def sometimes(self: Any, method: str, url: str, *rest: Any) -> Any:
        if "/instances/" in url:
            asked.append(url)
            if len(asked) in range(4, 8):
                raise bounded_session._PassingError("answers 503")
        return once(self, method, url, *rest)

    monkeypatch.setattr(staging, "CHUNK", 2)
    monkeypatch.setattr(bounded_session, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(bounded_session.BoundedSession, "_once", sometimes)
    with pytest.raises(PacsError, match="answers 503; repeat the command later"):
        built(orthanc, tmp_path)
    assert not (tmp_path / "corpus").exists()
    assert len(asked) == 7
    resumed = built(orthanc, tmp_path)
    assert len(asked) == 7 + 4
    assert np.array_equal(resumed.images, whole.images)
    assert not list(tmp_path.glob(".corpus*"))


def test_an_instance_that_is_gone_costs_its_row_alone(orthanc: Orthanc, tmp_path, monkeypatch):
    from radtex.pacs import pacs

    orthanc.add(dicom_film(noise(1), 1), dicom_film(noise(2), 2))
    instance = pacs.Pacs.instance

    def wrong(self: Any, place: str) -> bytes:
        return instance(self, place.replace("1.2.2.1.1", "1.2.2.1.7"))

    monkeypatch.setattr(pacs.Pacs, "instance", wrong)
    assert counted(built(orthanc, tmp_path))["the PACS answers 404"] == 1


def test_a_file_comes_as_the_pacs_holds_it(orthanc: Orthanc) -> None:
    pixels = noise(1)
    orthanc.add(dicom_film(pixels, 1))
    source = open_source("dicomweb", url=orthanc.url)
    (record,) = source.listing("utf-8").entries
    data = source.file(record)
    assert data == orthanc.held("DX")[0]
    assert np.abs(read_image(data).astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("url", ["", "pacs.example", "ftp://a/b", "http://[::1", "http://a/?b=c"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises((PacsError, CorpusError), match="address"):
        open_source("dicomweb", url=url).listing("utf-8")
