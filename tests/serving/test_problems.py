"""Refusals in sentences."""

from fastapi import FastAPI
from fastapi.testclient import TestClient

from radtex.errors import CorpusError, OutputError
from radtex.serving.problems import ProblemError, add_problem_handlers


def test_each_error_becomes_problem_details() -> None:
    app = FastAPI()
    add_problem_handlers(app)
    errors = {
        "own": ProblemError(429, "busy", "Come back.", {"Retry-After": "2"}),
        "output": OutputError("the disk is full"),
        "corpus": CorpusError("the corpus is gone"),
        "other": RuntimeError("Mrs Doe"),
    }

    @app.get("/{name}")
    def fail(name: str, number: int = 0) -> None:
        assert not number
        raise errors[name]

    client = TestClient(app, raise_server_exceptions=False)
    for name, status, words in (
        ("own", 429, "Come back."),
        ("output", 507, "the disk is full"),
        ("corpus", 422, "The corpus is gone."),
        ("other", 500, "its log says"),
        ("own?number=x", 422, "query.number"),
    ):
        answer = client.get(f"/{name}")
        problem = answer.json()
        assert (answer.status_code, problem["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
        assert words.lower() in problem["detail"].lower()
        assert "Doe" not in answer.text
    assert client.get("/own").headers["retry-after"] == "2"
