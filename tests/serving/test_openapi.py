"""The interface as it is described: schemathesis asks it what the description allows, and more."""

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SMALL, FULL = 3, 100


def _as_part(part: object) -> object:
    if isinstance(part, tuple):
        return tuple(_as_part(each) for each in part)
    return str(part) if isinstance(part, int | float) else part


def ask_all(client: TestClient, examples: int) -> int:
    """Ask each operation so many times; return how many there are."""
    schema = schemathesis.openapi.from_dict(client.get("/v1/openapi.json").json())
    count = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        count += 1

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
    return count


def test_every_operation_answers_as_described(reading_client: TestClient) -> None:
    assert ask_all(reading_client, SMALL) > 20


@pytest.mark.soak
def test_every_operation_answers_as_described_many_times(reading_client: TestClient) -> None:
    assert ask_all(reading_client, FULL) > 20
