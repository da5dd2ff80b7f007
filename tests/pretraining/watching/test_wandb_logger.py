"""Weights & Biases without its server; `test_loggers` tells that no point is lost."""

import shutil
from pathlib import Path

import pytest

from radtex.errors import RunError
from radtex.pretraining.watching import wandb_logger
from radtex.pretraining.watching.wandb_logger import WandbLogger


@pytest.fixture
def own_run(hospital_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("WANDB_MODE", "WANDB_PROJECT", "WANDB_API_KEY", "WANDB_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return Path(shutil.copytree(hospital_run, tmp_path / "run"))


def kept_bytes(run: Path) -> bytes:
    (file,) = (run / "wandb").glob("offline-run-*/*.wandb")
    return file.read_bytes()


def test_a_run_keeps_its_id_and_one_copy_of_its_points(own_run: Path) -> None:
    identities = []
    for _ in range(2):
        logger = WandbLogger(own_run)
        logger.write({"step": 1, "loss": 0.125})
        logger.close()
        identities.append((own_run / "wandb.txt").read_text())
    assert identities[0] == identities[1]
    assert identities[0].strip().encode() in kept_bytes(own_run)
    assert b"0.125" in kept_bytes(own_run)


def test_the_recipe_goes_with_it_and_nothing_of_the_machine(
    own_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "ward-seven-workstation")
    WandbLogger(own_run).close()
    kept = kept_bytes(own_run)
    assert b"learning_rate" in kept
    assert b"ward-seven-workstation" not in kept
    assert not list((own_run / "wandb").glob("*/files/wandb-metadata.json"))


def test_no_network_is_used_unless_it_is_asked_for(
    own_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "a" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    WandbLogger(own_run).close()
    assert kept_bytes(own_run)


def test_a_server_that_is_away_is_one_line(own_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("WANDB_API_KEY", "a" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(wandb_logger, "_SECONDS", 2.0)
    with pytest.raises(RunError, match="Weights & Biases cannot be reached") as caught:
        WandbLogger(own_run)
    assert "\n" not in str(caught.value)
