"""The interface as it is described: schemathesis asks it what the description allows, and more."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

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


def ask_all(client: TestClient, examples: int, labels: bool = False) -> set[str]:
    """Ask each operation, or only those of labels, so many times; return their paths."""
    schema = schemathesis.openapi.from_dict(client.get("/v1/openapi.json").json())
    paths = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if labels and not operation.path.startswith(LABELS):
            continue
        paths.add(operation.path)

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
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
    paths = ask_all(labelling_client, SMALL, labels=True)
    assert paths == {path for path in ALL if path.startswith(LABELS)}
    assert labelling_client.get("/v1/labels").json()["targets"] == ["Effusion"]


@pytest.mark.soak
def test_every_operation_answers_as_described_many_times(reading_client: TestClient) -> None:
    assert ask_all(reading_client, FULL) >= ALL


@pytest.mark.soak
def test_operations_of_labels_answer_many_times(labelling_client: TestClient) -> None:
    assert ask_all(labelling_client, FULL, labels=True)
