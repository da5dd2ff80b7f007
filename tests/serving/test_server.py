"""What a server holds."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from fixtures.serving import LIMITS, server_of, wait_until
from radtex.errors import CorpusError
from radtex.serving.app import create_app
from radtex.serving.server import Server
from radtex.serving.settings import ServeSettings


def test_a_film_while_the_model_loads_is_told_to_come_back(
    writing_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(ServeSettings((writing_run,), limits=LIMITS))
    monkeypatch.setattr(app.state.server.holder, "load", lambda: None)
    with TestClient(app, base_url="http://localhost") as client:
        refused = client.post("/v1/studies", files={"image": b"film"})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "3")
        assert refused.json()["type"] == "urn:radtex:problem:model-loading"
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        assert client.get("/v1/models").json()["state"] == "loading"


def test_a_model_whose_folder_went_is_a_sentence(writing_run: Path, tmp_path: Path) -> None:
    for name in ("config.yaml", "model.safetensors"):
        (tmp_path / name).write_bytes((writing_run / name).read_bytes())
    app = create_app(ServeSettings((tmp_path,), limits=LIMITS))
    (tmp_path / "model.safetensors").unlink()
    with TestClient(app, base_url="http://localhost") as client:
        wait_until(lambda: server_of(client).holder.state == "failed")
        refused = client.post("/v1/studies", files={"image": b"film"})
        assert (refused.status_code, refused.json()["type"]) == (
            503,
            "urn:radtex:problem:model-missing",
        )
        assert str(tmp_path) not in refused.text


def test_a_corpus_that_is_none_is_refused_before_anything_starts(
    writing_run: Path, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match="does not exist"):
        Server(ServeSettings((writing_run,), tmp_path / "none"))
