"""Films of a PACS, against Orthanc."""

from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydicom import dcmwrite

from fixtures.orthanc import Orthanc, dicom_film, noise
from fixtures.serving import Served


def data_of(data_set) -> bytes:
    file = BytesIO()
    dcmwrite(file, data_set, enforce_file_format=True)
    return file.getvalue()


def found(client: TestClient, **search: object) -> list[str]:
    answer = client.post("/v1/pacs/search", json=search)
    assert answer.status_code == 200, answer.text
    return [each["patient"] for each in answer.json()["studies"]]


def test_studies_are_searched_listed_and_read(
    served: Served, orthanc: Orthanc, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    films = [
        dicom_film(noise(1), 1),
        dicom_film(noise(2), 2, StudyDate="20240305", Modality="CR"),
        dicom_film(noise(3), 3, StudyDate="20230101", Modality="CT"),
    ]
    lateral = dicom_film(noise(4), 1, SOPInstanceUID="1.2.1.1.2", ViewPosition="LL")
    orthanc.add(*films, lateral)
    with served(models=(kept / "classifier",), pacs=orthanc.url) as client:
        assert client.get("/v1/models").json()["pacs"]
        assert found(client) == ["p2", "p1"]
        assert found(client, patient="p1") == ["p1"]
        assert found(client, patient="p*", modality="CR") == ["p2"]
        assert found(client, first="2024-03-02", last="2024-04-01") == ["p2"]
        assert found(client, patient="p9") == []
        listed = client.post("/v1/pacs/films", json={"study": "1.2.1"}).json()["films"]
        assert [(each["instance"], each["view"]) for each in listed] == [
            ("1.2.1.1.1", "PA"),
            ("1.2.1.1.2", "LATERAL"),
        ]
        place = {name: listed[0][name] for name in ("study", "series", "instance")}
        caplog.set_level("INFO")
        read = client.post("/v1/pacs/study?keep=false", json=place).json()
        uploaded = client.post("/v1/studies", files={"image": data_of(films[0])}).json()
        assert read == uploaded
        assert "1.2.1" not in caplog.text
        side = client.post("/v1/pacs/study", json={**place, "instance": "1.2.1.1.2"})
        assert side.json()["type"] == "urn:radtex:problem:lateral-film"
        gone = client.post("/v1/pacs/study", json={**place, "instance": "1.2.9"})
        assert (gone.status_code, gone.json()["type"]) == (502, "urn:radtex:problem:pacs-answer")


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("search", {"patient": "a\\b"}),
        ("search", {"modality": "CT"}),
        ("search", {"first": "yesterday"}),
        ("search", {"first": "2024-03-02", "last": "2024-03-01"}),
        ("films", {"study": "../../admin"}),
        ("study", {"study": "1.2", "series": "1.2", "instance": "1.2/x"}),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    pacs_client: TestClient, address: str, body: dict[str, str]
) -> None:
    refused = pacs_client.post(f"/v1/pacs/{address}", json=body)
    assert refused.status_code == 422
    assert refused.json()["detail"].endswith(".")


@pytest.fixture(scope="module")
def pacs_client(served: Served, kept: Path):
    """A server of a PACS that is not there."""
    with served(models=(kept / "classifier",), pacs="http://127.0.0.1:9/dicom-web") as client:
        yield client


def test_a_pacs_that_is_away_is_a_sentence(
    pacs_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("radtex.pacs.bounded_session.PAUSES", ())
    refused = pacs_client.post("/v1/pacs/search", json={})
    assert (refused.status_code, refused.json()["type"]) == (502, "urn:radtex:problem:pacs-away")
    assert "127.0.0.1" not in refused.text


def test_without_a_pacs_there_is_none(reading_client: TestClient) -> None:
    assert not reading_client.get("/v1/models").json()["pacs"]
    assert reading_client.post("/v1/pacs/search", json={}).status_code == 404
