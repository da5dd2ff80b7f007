"""Searching, retrieving and storing, against Orthanc and against servers that are wrong."""

import json
from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread

from fixtures.orthanc import Orthanc, dicom_film, noise
from radtex.errors import PacsAnswerError, PacsError, RadtexError
from radtex.pacs import pacs as module
from radtex.pacs.bounded_session import Answer, BoundedSession
from radtex.pacs.pacs import Pacs, text_of

PLACE = "studies/1.2.1/series/1.2.1.1/instances/1.2.1.1.1"


def study(uid: object) -> dict[str, Any]:
    return {"0020000D": {"vr": "UI", "Value": [uid]}}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a server answers, one after the other; the last one again and again."""
    given: list[Any] = []

    def get(*_: object, **__: object) -> Answer:
        body = given.pop(0) if len(given) > 1 else given[0]
        return Answer(200, {"Content-Type": "application/dicom+json"}, json.dumps(body).encode())

    monkeypatch.setattr(BoundedSession, "get", get)
    return given


def test_studies_are_found_page_by_page(orthanc: Orthanc, monkeypatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    orthanc.add(*(dicom_film(noise(number), number) for number in range(1, 6)))
    pacs = Pacs(orthanc.url)
    assert sorted(pacs.studies({})) == [f"1.2.{number}" for number in range(1, 6)]
    assert list(pacs.studies({"PatientID": "p3"})) == ["1.2.3"]


def test_a_wildcard_stands_for_a_space_that_a_server_does_not_decode(orthanc: Orthanc) -> None:
    orthanc.add(dicom_film(noise(1), 1, StudyDescription="Thorax PA"))
    assert list(Pacs(orthanc.url).studies({"StudyDescription": "Thorax?PA"})) == ["1.2.1"]


def test_series_and_instances_are_told_and_retrieved(orthanc: Orthanc) -> None:
    orthanc.add(dicom_film(noise(1), 1))
    pacs = Pacs(orthanc.url)
    (series,) = pacs.series("1.2.1", {})
    assert text_of(series, "0020000E") == "1.2.1.1"
    assert pacs.series("1.2.1", {"Modality": "CT"}) == []
    (instance,) = pacs.metadata("1.2.1", "1.2.1.1")
    assert text_of(instance, "00080018") == "1.2.1.1.1"
    assert dcmread(BytesIO(pacs.instance(PLACE))).SOPInstanceUID == "1.2.1.1.1"
    with pytest.raises(PacsAnswerError, match="answers 404"):
        pacs.instance(PLACE.replace("studies/1", "studies/9"))


def test_what_is_stored_is_found_and_a_second_time_does_no_harm(orthanc: Orthanc) -> None:
    pacs = Pacs(orthanc.url)
    film = dicom_film(noise(1), 1)
    for _ in range(2):
        pacs.store([film])
    assert list(pacs.studies({})) == ["1.2.1"]
    assert dcmread(BytesIO(pacs.instance(PLACE))).PixelData == film.PixelData


def test_a_result_that_is_not_kept_is_told(orthanc: Orthanc) -> None:
    film = dicom_film(noise(1), 1)
    del film.SOPInstanceUID
    with pytest.raises(PacsAnswerError, match=r"the PACS answers 400|did not keep 1 of 1"):
        Pacs(orthanc.url).store([film])


def test_a_server_that_repeats_a_page_ends(answers: list[Any]) -> None:
    answers[:] = [[study("1.2"), study("1.3")]]
    assert list(Pacs("http://localhost").studies({})) == ["1.2", "1.3"]


def test_a_server_that_never_ends_is_given_up(answers: list[Any], monkeypatch) -> None:
    monkeypatch.setattr(module, "_MOST", 5)
    answers[:] = [[study(f"1.{page}.{number}") for number in range(3)] for page in range(9)]
    with pytest.raises(PacsError, match="finds more than 5; ask for fewer by --query StudyDate="):
        list(Pacs("http://localhost").studies({}))


@pytest.mark.parametrize(
    "body", ["no list", 7, [[]], [{}], [study("")], [study(None)], [study([1])], [None], None]
)
def test_a_malformed_search_is_one_line(answers: list[Any], body: Any) -> None:
    answers[:] = [body]
    with pytest.raises(PacsAnswerError):
        list(Pacs("http://localhost").studies({}))


@pytest.mark.parametrize("uid", ["..", "../../admin", "1.2/../..", "1.2?x", "a b"])
def test_a_uid_that_is_none_leads_nowhere(answers: list[Any], uid: str) -> None:
    answers[:] = [[]]
    pacs = Pacs("http://localhost")
    with pytest.raises(PacsAnswerError, match="cannot be understood"):
        pacs.series(uid, {})
    with pytest.raises(PacsAnswerError, match="no UID"):
        pacs.instance(f"studies/{uid}/series/1/instances/2")


def test_without_the_client_the_line_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dicomweb_client", None)
    with pytest.raises(RadtexError, match=r"pip install 'radtex\[pacs\]'"):
        Pacs("http://localhost")


def test_credentials_without_encryption_are_warned_of(monkeypatch, caplog) -> None:
    monkeypatch.setenv("RADTEX_PACS_TOKEN", "t0ken")
    Pacs("http://pacs.example/dw")
    assert "without encryption" in caplog.text
    assert "t0ken" not in caplog.text
