"""What a server says of itself."""

import hashlib
from pathlib import Path

from fastapi.testclient import TestClient


def test_the_models_are_described(
    reading_client: TestClient, writing_run: Path, kept: Path
) -> None:
    answer = reading_client.get("/v1/models").json()
    assert answer["state"] == "ready"
    assert answer["corpus"]
    run, classifier = answer["models"]
    assert (run["kind"], run["size"], run["writes_reports"]) == ("run", 64, True)
    weights = (writing_run / "model.safetensors").read_bytes()
    assert run["sha256"] == hashlib.sha256(weights).hexdigest()
    assert classifier["targets"] == ["Edema", "Effusion"]
    assert classifier["card"] == (kept / "classifier" / "MODEL_CARD.md").read_text()


def test_health_readiness_and_numbers(reading_client: TestClient) -> None:
    assert reading_client.get("/healthz").json() == {"status": "ok"}
    assert reading_client.get("/readyz").status_code == 200
    numbers = reading_client.get("/metrics").text
    assert 'radtex_requests_total{method="GET",route="/readyz",status="200"}' in numbers
    assert "radtex_ready 1.0" in numbers
