"""Films of the corpus."""

import io

import numpy as np
from fastapi.testclient import TestClient
from PIL import Image

from fixtures.serving import Served
from radtex.corpus.corpus import Corpus


def test_films_are_listed_by_split_and_without_patients(
    reading_client: TestClient, phantom_corpus: Corpus
) -> None:
    answer = reading_client.get("/v1/corpus/films?split=test&limit=5&offset=2")
    listed = answer.json()
    rows = phantom_corpus.rows("test")
    assert listed["count"] == len(rows)
    assert [each["film"] for each in listed["films"]] == rows[2:7].tolist()
    assert not any(patient in answer.text for patient in phantom_corpus.index["patient_id"])


def test_a_film_is_shown_with_its_report_and_read(
    reading_client: TestClient, phantom_corpus: Corpus
) -> None:
    shown = reading_client.get("/v1/corpus/films/3/film.png").content
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(shown))), phantom_corpus.images[3]
    )
    report = reading_client.get("/v1/corpus/films/3/report").json()["report"]
    assert phantom_corpus.index["findings"][3].strip() in report
    study = reading_client.post("/v1/corpus/films/3/study").json()
    assert reading_client.get(study["film"]["picture"]).content == shown
    uploaded = reading_client.post("/v1/studies", files={"image": shown}).json()
    assert study["report"]["text"] == uploaded["report"]["text"]


def test_a_film_that_is_not_there_is_a_sentence(reading_client: TestClient) -> None:
    refused = reading_client.get("/v1/corpus/films/5000/film.png")
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:radtex:problem:no-film")


def test_without_a_corpus_there_are_no_films(served: Served) -> None:
    with served() as client:
        refused = client.get("/v1/corpus/films")
        assert (refused.status_code, refused.json()["type"]) == (
            404,
            "urn:radtex:problem:no-corpus",
        )
