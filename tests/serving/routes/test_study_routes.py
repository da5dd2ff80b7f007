"""Films that are uploaded: their answers are those of the commands."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

import radtex
from fixtures.serving import Served, png, server_of
from radtex.classifiers.predict import predict
from radtex.corpus.corpus import Corpus
from radtex.generation.ask import ask
from radtex.generation.generate import generate
from radtex.generation.run_films import films_of_files
from radtex.generation.writing import Writing
from radtex.models.run import Run


def post(client: TestClient, data: bytes, address: str = "/v1/studies", **form: str):
    return client.post(address, files={"image": ("film", data)}, data=form)


@pytest.fixture
def film(phantom_corpus: Corpus, tmp_path: Path) -> Path:
    file = tmp_path / "film.png"
    file.write_bytes(png(phantom_corpus, 7))
    return file


def test_the_report_is_that_of_generate(
    reading_client: TestClient, writing_run: Path, film: Path, tmp_path: Path
) -> None:
    answer = post(reading_client, film.read_bytes()).json()
    run = Run.open(writing_run)
    generate(run, films_of_files([str(film)], run), tmp_path / "out.jsonl", Writing())
    line = json.loads((tmp_path / "out.jsonl").read_text())
    assert answer["report"]["text"] == line["text"]
    assert answer["report"]["score"] == pytest.approx(line["score"], abs=1e-3)
    assert len(answer["report"]["tokens"]) == len(line["tokens"])
    assert answer["report"]["tokens"][-1]["end"] == len(line["text"])


def test_a_prompt_begins_the_report(reading_client: TestClient, film: Path) -> None:
    data = film.read_bytes()
    answer = post(reading_client, data, "/v1/studies?prompt=The heart").json()
    assert answer["report"]["text"].startswith("the heart")
    assert answer["report"]["prompt"] == "The heart"
    refused = post(reading_client, data, f"/v1/studies?prompt={'heart ' * 150}")
    assert (refused.status_code, refused.json()["type"]) == (
        422,
        "urn:radtex:problem:long-prompt",
    )


@pytest.mark.parametrize("point", ["youden", "sensitive"])
def test_the_findings_are_those_of_predict(
    reading_client: TestClient, kept: Path, film: Path, point: str
) -> None:
    data = film.read_bytes()
    answer = post(reading_client, data, f"/v1/studies?operating_point={point}").json()["findings"]
    (said,) = json.loads(
        predict(kept / "classifier", [str(film)], format="json", operating_point=point)  # type: ignore[arg-type]
    )
    assert answer["abstained"] == said["abstained"]
    assert answer["reason"] == said["reason"]
    assert answer["distance"] == pytest.approx(said["distance"], rel=1e-4)
    for each in answer["findings"]:
        if said["abstained"]:
            assert each["probability"] is None
        else:
            expected = said["probabilities"][each["target"]]
            assert each["probability"] == pytest.approx(expected, abs=1e-5)


def test_a_film_of_the_pool_is_answered_and_noise_is_not(
    reading_client: TestClient, kept: Path
) -> None:
    corpus = Corpus.open(kept / "corpus")
    findings = post(reading_client, png(corpus, 0)).json()["findings"]
    assert not findings["abstained"]
    for each in findings["findings"]:
        assert each["positive"] == (each["probability"] >= each["threshold"])
    file = io.BytesIO()
    Image.fromarray(np.tile(np.uint8([[0, 255], [255, 0]]), (32, 32))).save(file, "PNG")
    findings = post(reading_client, file.getvalue()).json()["findings"]
    assert findings["abstained"]
    assert "unlike the radiographs" in findings["reason"]
    assert all(each["probability"] is None for each in findings["findings"])


def test_sentences_and_tokens_cover_the_report(reading_client: TestClient, film: Path) -> None:
    report = post(reading_client, film.read_bytes()).json()["report"]
    for each in report["sentences"]:
        assert report["text"][each["start"] : each["end"]] == each["text"]
        covered = report["tokens"][each["first_token"] : each["last_token"]]
        assert covered[0]["start"] <= each["start"]
        assert covered[-1]["end"] >= each["end"]


def test_a_kept_study_has_its_film_maps_and_answers(
    reading_client: TestClient, film: Path, writing_run: Path
) -> None:
    answer = post(reading_client, film.read_bytes(), "/v1/studies?keep=true").json()
    shown = reading_client.get(answer["film"]["picture"])
    assert shown.headers["content-type"] == "image/png"
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(shown.content))), radtex.read_image(film)
    )
    for each in (*answer["report"]["sentences"], *answer["findings"]["findings"]):
        picture = Image.open(io.BytesIO(reading_client.get(each["map"]).content))
        assert (picture.mode, picture.size) == ("RGBA", (64, 64))
        numbers = reading_client.get(each["map"].removesuffix(".png")).json()
        assert np.sum(numbers["cells"]) == pytest.approx(1, abs=1e-4) or not np.any(
            numbers["cells"]
        )
    address = f"/v1/studies/{answer['id']}"
    said = reading_client.post(f"{address}/questions", json={"question": "pleural effusion"})
    run = Run.open(writing_run)
    table = ask(run, films_of_files([str(film)], run), ["pleural effusion"])
    expected = pytest.approx(float(table["pleural effusion"][0]), abs=1e-5)
    assert said.json()["probability"] == expected
    again = post(reading_client, film.read_bytes(), "/v1/ask", question="pleural effusion")
    assert again.json()["probability"] == expected
    report = reading_client.post(f"{address}/report", json={"prompt": "no"}).json()
    assert report["text"].startswith("no")
    assert reading_client.get(report["sentences"][-1]["map"]).status_code == 200
    assert reading_client.get(f"{address}/maps/sentences/99.png").status_code == 404
    assert reading_client.get(f"{address}/maps/targets/99").status_code == 404
    assert reading_client.delete(address).status_code == 204
    gone = reading_client.get(answer["film"]["picture"])
    assert (gone.status_code, gone.json()["type"]) == (404, "urn:radtex:problem:study-gone")


def test_nothing_is_kept_unless_it_is_asked_for(reading_client: TestClient, film: Path) -> None:
    before = len(server_of(reading_client).kept)
    answer = post(reading_client, film.read_bytes()).json()
    assert answer["id"] is None
    assert answer["film"]["picture"] is None
    assert len(server_of(reading_client).kept) == before


def test_embeddings_are_those_of_load(
    reading_client: TestClient, film: Path, writing_run: Path
) -> None:
    found = post(reading_client, film.read_bytes(), "/v1/embeddings").json()
    expected = radtex.load(writing_run).encode(radtex.read_image(film)[None])[0]
    np.testing.assert_allclose(found["embedding"], expected, atol=1e-4)


def test_an_unknown_word_is_not_answered(reading_client: TestClient, film: Path) -> None:
    refused = post(reading_client, film.read_bytes(), "/v1/ask", question="pleural efusoin")
    assert refused.status_code == 422
    assert "efusoin" in refused.json()["detail"]
    assert post(reading_client, film.read_bytes(), "/v1/ask").status_code == 422


@pytest.mark.parametrize(
    ("change", "kind", "status"),
    [
        ({"ViewPosition": "LL"}, "lateral-film", 422),
        ({"BodyPartExamined": "KNEE"}, "no-chest", 422),
        ({"NumberOfFrames": 3}, "several-pictures", 422),
    ],
)
def test_a_header_that_speaks_against_the_film_is_heard(
    reading_client: TestClient,
    write_dicom: Callable[..., object],
    tmp_path: Path,
    change: dict[str, object],
    kind: str,
    status: int,
) -> None:
    write_dicom(tmp_path / "film.dcm", **change)
    refused = post(reading_client, (tmp_path / "film.dcm").read_bytes())
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["type"] == f"urn:radtex:problem:{kind}"
    assert problem["detail"][0].isupper()
    assert problem["detail"].endswith(".")
    assert "not a medical device" in problem["notice"]


def test_a_dicom_film_is_read(
    reading_client: TestClient, write_dicom: Callable[..., object], tmp_path: Path
) -> None:
    write_dicom(tmp_path / "film.dcm")
    answer = post(reading_client, (tmp_path / "film.dcm").read_bytes()).json()
    assert answer["film"] == {"width": 48, "height": 64, "view": "PA", "picture": None}


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (b"", 422, "empty-file"),
        (b"GIF89a" + bytes(100), 415, "no-image"),
        (b"%PDF-1.7" + bytes(100), 415, "no-image"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), 422, "unreadable-image"),
    ],
)
def test_what_is_no_film_is_a_sentence(
    reading_client: TestClient, data: bytes, status: int, kind: str
) -> None:
    refused = post(reading_client, data)
    assert (refused.status_code, refused.json()["type"]) == (status, f"urn:radtex:problem:{kind}")


def test_what_is_no_form_is_a_sentence(reading_client: TestClient) -> None:
    plain = reading_client.post("/v1/studies", content=b"x")
    assert (plain.status_code, plain.json()["type"]) == (415, "urn:radtex:problem:no-form")
    other = reading_client.post("/v1/studies", files={"picture": b"x"})
    assert (other.status_code, other.json()["type"]) == (422, "urn:radtex:problem:no-file")
    text = reading_client.post("/v1/studies", data={"image": "x"}, files={"other": b"x"})
    assert text.status_code == 422
    headers = {"content-type": "multipart/form-data; boundary=b"}
    cut = reading_client.post("/v1/studies", content=b"--b\r\nContent-Dis", headers=headers)
    assert cut.status_code in (400, 422)


def test_a_run_alone_says_that_nothing_checks_the_film(
    served: Served, writing_run: Path, film: Path
) -> None:
    with served(models=(writing_run,)) as client:
        answer = post(client, film.read_bytes()).json()
        assert answer["findings"] is None
        assert any("nothing checks" in note for note in answer["notes"])


def test_a_classifier_alone_writes_nothing(served: Served, kept: Path, film: Path) -> None:
    with served(models=(kept / "classifier",)) as client:
        answer = post(client, film.read_bytes()).json()
        assert answer["report"] is None
        assert len(answer["findings"]["findings"]) == 2
        refused = post(client, film.read_bytes(), "/v1/ask", question="edema")
        assert refused.json()["type"] == "urn:radtex:problem:no-reports"
        refused = post(client, film.read_bytes(), "/v1/studies?prompt=heart")
        assert refused.json()["type"] == "urn:radtex:problem:no-reports"
        assert len(post(client, film.read_bytes(), "/v1/embeddings").json()["embedding"]) > 0
