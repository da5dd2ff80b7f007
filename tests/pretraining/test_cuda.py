"""What only a GPU can show: the same bytes twice, and the loss of the CPU."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from radtex.corpus.corpus import Corpus
from radtex.models.storage import load_weights
from radtex.pretraining.objectives.objective_registry import OBJECTIVES
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import Recipe, load_recipe

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")

LEAN = {
    "backbone": "resnet10t",
    "hidden": 64,
    "heads": 2,
    "feedforward": 128,
    "vocabulary": 400,
    "max_tokens": 48,
    "batch_size": 32,
    "micro_batches": 2,
    "steps": 6,
    "checkpoint_every": 3,
}


def lean(objective: str, **options: object) -> Recipe:
    switches = {"parallel_share": 0.5, "assertions": True} if objective == "joint" else {}
    name = "radtex-small" if objective == "joint" else f"{objective}-small"
    return load_recipe(name, {**LEAN, **switches, **options})


def losses(run: Path) -> list[float]:
    entries = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return [entry["loss"] for entry in entries if "loss" in entry]


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_two_runs_give_the_same_bytes(
    phantom_corpus: Corpus, tmp_path: Path, objective: str, precision: str
) -> None:
    recipe = lean(objective, precision=precision)
    runs = [pretrain(phantom_corpus, tmp_path / name, recipe) for name in ("one", "two")]
    for name in ("model.safetensors", "metrics.jsonl"):
        assert (runs[0] / name).read_bytes() == (runs[1] / name).read_bytes()


@pytest.mark.parametrize("options", [{}, {"precision": "bfloat16"}, {"compile": True}])
def test_the_loss_is_that_of_the_cpu(
    phantom_corpus: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, object],
) -> None:
    recipe = lean("bicaptioning", dropout=0.0, **options)
    found = losses(pretrain(phantom_corpus, tmp_path / "gpu", recipe))
    monkeypatch.setattr(
        "radtex.pretraining.loop.processes.compute_device", lambda: torch.device("cpu")
    )
    plain = lean("bicaptioning", dropout=0.0)
    expected = losses(pretrain(phantom_corpus, tmp_path / "cpu", plain))
    np.testing.assert_allclose(found, expected, rtol=0.02 if options else 1e-3)


def test_the_weights_left_are_whole_and_on_the_cpu(phantom_corpus: Corpus, tmp_path: Path) -> None:
    run = pretrain(phantom_corpus, tmp_path / "run", lean("bicaptioning"))
    weights = load_weights(run / "model.safetensors")
    assert {tensor.device.type for tensor in weights.values()} == {"cpu"}
    assert all(tensor.isfinite().all() for tensor in weights.values() if tensor.is_floating_point())
