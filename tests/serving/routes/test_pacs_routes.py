"""Films of a PACS, against Orthanc."""

from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydicom import dcmread, dcmwrite

from fixtures.orthanc import Orthanc, dicom_film, noise
from fixtures.serving import Served
from radtex.classifiers.predict import predict
from radtex.corpus.corpus import Corpus
from radtex.errors import PacsAnswerError, RadtexError
from radtex.pacs import Pacs


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
        assert (gone.status_code, gone.json()["type"]) == (404, "urn:radtex:problem:not-in-pacs")
        assert "does not hold this film" in gone.json()["detail"]
        for name in ("study", "series", "instance"):
            above = client.post("/v1/pacs/study", json=place | {name: ".."})
            assert above.status_code == 422


def test_results_are_stored_beside_the_film(
    served: Served, orthanc: Orthanc, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = Corpus.open(kept / "corpus")
    film = dicom_film(corpus.images[corpus.rows("test")[0]], 1)
    orthanc.add(film, dicom_film(noise(1), 2))
    with served(pacs=orthanc.url) as client:

        def read(number: int) -> dict[str, object]:
            study = f"1.2.{number}"
            place = {"study": study, "series": f"{study}.1", "instance": f"{study}.1.1"}
            answer: dict[str, object] = client.post(
                "/v1/pacs/study?operating_point=sensitive", json=place
            ).json()
            return answer

        def store(**body: object) -> tuple[int, dict[str, object]]:
            answer = client.post("/v1/pacs/results", json=body)
            return answer.status_code, answer.json()

        answer = read(1)
        status, said = store(id=answer["id"], target=0, sentence=0)
        assert status == 200
        target = answer["findings"]["findings"][0]["target"]
        assert said["said"] == (
            "Stored in the PACS, in the study of the film: the structured report of the findings, "
            f"and the map of {target} as a picture, and the map of the sentence as a picture."
        )
        assert [each["kind"] for each in said["stored"]] == [
            "structured-report", "picture", "picture",
        ]  # fmt: skip
        # Again: nothing is there twice. Of a film that the classifier abstains on: that it does.
        assert store(id=answer["id"], target=0, sentence=0)[1]["stored"] == said["stored"]
        strange = read(2)
        assert strange["findings"]["abstained"]
        assert "that the classifier gives no answer" in store(id=strange["id"])[1]["said"]
        reports = [dcmread(BytesIO(each)) for each in orthanc.held("SR")]
        pictures = [dcmread(BytesIO(each)) for each in orthanc.held("OT")]
        assert {each.StudyInstanceUID for each in reports} == {"1.2.1", "1.2.2"}
        assert len(reports) == len(pictures) == 2
        assert {each.SOPInstanceUID for each in (*reports, *pictures)} >= {
            each["uid"] for each in said["stored"]
        }
        assert {each.StudyInstanceUID for each in pictures} == {"1.2.1"}
        assert all("NOT FOR DIAGNOSIS" in each.DerivationDescription.upper() for each in pictures)
        found = [each.DerivationDescription for each in pictures]
        assert any(f"{target}: probability" in each for each in found)
        assert any(answer["report"]["sentences"][0]["text"] in each for each in found)

        # What cannot be stored is a sentence.
        film.save_as(tmp_path / "film.dcm", enforce_file_format=True)
        data = (tmp_path / "film.dcm").read_bytes()
        uploaded = client.post("/v1/studies?keep=true", files={"image": data}).json()
        for body, kind in (
            ({"id": uploaded["id"]}, "not-of-pacs"),
            ({"id": "gone"}, "study-gone"),
            ({"id": answer["id"], "target": 99}, "no-target"),
            ({"id": answer["id"], "sentence": 999}, "no-sentence"),
        ):
            status, problem = store(**body)
            assert (status // 100, problem["type"]) == (4, f"urn:radtex:problem:{kind}")
        refused = PacsAnswerError("it did not keep 1 of 1 results")
        monkeypatch.setattr(Pacs, "store", lambda *_: raised(refused))
        status, problem = store(id=answer["id"])
        assert (status, problem["type"]) == (502, "urn:radtex:problem:pacs-answer")
        assert "did not keep" in problem["detail"]
        monkeypatch.setattr(
            "radtex.serving.routes.pacs_routes.refuse_without_highdicom",
            lambda: raised(RadtexError("structured reports need highdicom")),
        )
        status, problem = store(id=answer["id"])
        assert (status, problem["type"]) == (501, "urn:radtex:problem:cannot-store")
    predict(
        kept / "classifier",
        [str(tmp_path / "film.dcm")],
        operating_point="sensitive",
        dicom_sr=tmp_path / "sr",
    )
    (file,) = (tmp_path / "sr").iterdir()
    assert dcmread(file).SOPInstanceUID == said["stored"][0]["uid"]  # of the same words


def raised(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("search", {"patient": "a\\b"}),
        ("search", {"modality": "CT"}),
        ("search", {"first": "yesterday"}),
        ("search", {"first": "2024-03-02", "last": "2024-03-01"}),
        ("films", {"study": "../../admin"}),
        ("study", {"study": "1.2", "series": "1.2", "instance": "1.2/x"}),
        ("results", {"id": "a", "target": -1}),
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
