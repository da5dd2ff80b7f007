"""The interface as it is described: schemathesis asks it what the description allows, and more."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fixtures.orthanc import Orthanc, dicom_film
from fixtures.serving import Served, server_of, wait_until
from radtex.corpus.corpus import Corpus
from radtex.serving.desk.worth import Planner, PlanSoFar, Retraining

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SMALL, FULL = 3, 100
LABELS = ("/v1/labels", "/v1/plan", "/v1/retrain")
PACS = ("/v1/pacs",)


@pytest.fixture
def labelling_client(
    served: Served, phantom_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A server where films are labelled; curves and classifiers are made in no time."""
    monkeypatch.setattr(Planner, "_planned", lambda _: PlanSoFar(1, why="There are few labels."))
    monkeypatch.setattr(Retraining, "work", lambda _: None)
    shutil.copytree(phantom_corpus.path, tmp_path / "corpus")
    with served(corpus=tmp_path / "corpus", label=True, targets=("Effusion",)) as client:
        desk = server_of(client).the_desk()
        wait_until(lambda: desk.next_film("Ann")[0] != "choosing", 300)
        yield client


def _as_part(part: object) -> object:
    if isinstance(part, tuple):
        return tuple(_as_part(each) for each in part)
    return str(part) if isinstance(part, int | float) else part


@pytest.fixture
def pacs_client(served: Served, orthanc: Orthanc, phantom_corpus: Corpus) -> Iterator[TestClient]:
    """A server with a PACS that holds a frontal and a lateral film."""
    pixels = phantom_corpus.images[0]
    lateral = dicom_film(pixels, 1, SOPInstanceUID="1.2.1.1.2", ViewPosition="LL")
    orthanc.add(dicom_film(pixels, 1), lateral)
    with served(pacs=orthanc.url) as client:
        yield client


def ask_all(
    client: TestClient,
    examples: int,
    only: tuple[str, ...] = ("/",),
    known: Mapping[str, object] = {},
) -> set[str]:
    """Ask each operation whose path begins with one of `only` so many times; return their paths.

    Of some bodies, fields that are in `known` get its values, which no generator would find.
    """
    schema = schemathesis.openapi.from_dict(client.get("/v1/openapi.json").json())
    paths = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if not operation.path.startswith(only):
            continue
        paths.add(operation.path)

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), knows=st.booleans())
        def ask(case: schemathesis.Case, knows: bool) -> None:
            if knows and isinstance(case.body, dict):
                case.body |= {name: value for name, value in known.items() if name in case.body}
            asked = case.as_transport_kwargs(base_url="http://localhost")
            asked.pop("cookies", None)
            if asked.get("files"):  # httpx takes no numbers as parts of a form
                asked["files"] = [(name, _as_part(part)) for name, part in asked["files"]]
            response = client.request(**asked)
            if response.status_code == 503:  # a model that is being replaced, or a decoder
                assert response.headers["content-type"] == "application/problem+json"
                return
            case.validate_response(response, checks=CHECKS)

        ask()
    return paths


ALL = {
    "/v1/studies", "/v1/studies/{name}", "/v1/studies/{name}/film.png",
    "/v1/studies/{name}/report", "/v1/studies/{name}/questions",
    "/v1/studies/{name}/maps/sentences/{number}.png", "/v1/studies/{name}/maps/sentences/{number}",
    "/v1/studies/{name}/maps/targets/{number}.png", "/v1/studies/{name}/maps/targets/{number}",
    "/v1/ask", "/v1/embeddings", "/v1/models", "/healthz", "/readyz", "/metrics",
    "/v1/corpus/films", "/v1/corpus/films/{film}/film.png", "/v1/corpus/films/{film}/report",
    "/v1/corpus/films/{film}/study", "/v1/plan", "/v1/retrain", "/v1/labels", "/v1/labels/next",
    "/v1/labels/more", "/v1/labels/undo", "/v1/labels.csv", "/v1/labels/label-studio",
    "/v1/labels/label-studio.xml",
}  # fmt: skip


def test_every_operation_answers_as_described(reading_client: TestClient) -> None:
    assert ask_all(reading_client, SMALL) >= ALL


def test_operations_of_labels_answer_as_described(labelling_client: TestClient) -> None:
    paths = ask_all(labelling_client, SMALL, LABELS)
    assert paths == {path for path in ALL if path.startswith(LABELS)}
    assert labelling_client.get("/v1/labels").json()["targets"] == ["Effusion"]


def ask_pacs(client: TestClient, examples: int) -> set[str]:
    """Ask the operations of the PACS, of films that it has, too, and of one that is kept."""
    place = {"study": "1.2.1", "series": "1.2.1.1", "instance": "1.2.1.1.1"}
    read = client.post("/v1/pacs/study", json=place)
    assert read.status_code == 200
    return ask_all(client, examples, PACS, place | {"id": read.json()["id"], "target": 0})


OF_PACS = {"/v1/pacs/search", "/v1/pacs/films", "/v1/pacs/study", "/v1/pacs/results"}


def test_operations_of_the_pacs_answer_as_described(pacs_client: TestClient) -> None:
    assert ask_pacs(pacs_client, SMALL) == OF_PACS


@pytest.mark.soak
def test_operations_of_the_pacs_answer_many_times(
    pacs_client: TestClient, orthanc: Orthanc
) -> None:
    assert ask_pacs(pacs_client, FULL) == OF_PACS
    assert len(orthanc.held("SR")) == 1  # it was stored, and once


@pytest.mark.soak
def test_every_operation_answers_as_described_many_times(reading_client: TestClient) -> None:
    assert ask_all(reading_client, FULL) >= ALL


@pytest.mark.soak
def test_operations_of_labels_answer_many_times(labelling_client: TestClient) -> None:
    assert ask_all(labelling_client, FULL, LABELS)
