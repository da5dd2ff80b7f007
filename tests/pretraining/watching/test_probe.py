"""The probe on the validation split: held out by patient, and without influence on the run."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from radtex.corpus.corpus import Corpus
from radtex.errors import CorpusError, RecipeError
from radtex.models.encoder_input import EncoderInput
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe
from radtex.pretraining.watching.probe import Probe

LEAN: dict[str, object] = {
    "backbone": "resnet10t",
    "hidden": 32,
    "heads": 2,
    "vocabulary": 400,
    "max_tokens": 24,
    "batch_size": 16,
    "micro_batches": 2,
    "steps": 3,
    "validate_every": 2,
    "checkpoint_every": 2,
}


class Flat(nn.Module):
    """An encoder whose features are the pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images: Tensor) -> Tensor:
        return (self.scale * images).flatten(1)[:, :, None, None]


@pytest.fixture(scope="module")
def corpus(phantom_corpus: Corpus) -> Corpus:
    """With more patients in `validate`."""
    index = phantom_corpus.index.copy()
    index.loc[index["split"] == "pool", "split"] = "validate"
    return replace(phantom_corpus, index=index)


def probe_on(images: np.ndarray, patients: np.ndarray, labels: np.ndarray) -> float:
    rows = np.arange(len(images))
    pixels = Pixels(images, EncoderInput(images.shape[1], 0.0, 255.0))
    names = patients.astype(str).astype(object)
    probe = Probe(pixels, 1, rows, names, labels[:, None].astype(np.float32), ("sign",))
    scores = probe.measure(Flat())  # type: ignore[arg-type]
    assert scores["probe_auc/sign"] == scores["probe_auc"]
    return scores["probe_auc"]


def test_what_the_features_show_is_found() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 100)
    images = rng.integers(0, 50, (100, 4, 4)).astype(np.uint8)
    images[:, 0, 0] += (200 * labels).astype(np.uint8)
    assert probe_on(images, np.arange(100), labels) > 0.99


def test_a_patient_that_is_recognised_is_no_help() -> None:
    """Five images of each patient show who it is and nothing else."""
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(64), 5)
    images = np.zeros((320, 64), np.uint8)
    images[np.arange(320), patients] = 255
    labels = rng.integers(0, 2, 64)[patients]
    assert probe_on(images.reshape(320, 8, 8), patients, labels) < 0.6


def test_labels_that_are_not_definite_are_left_out() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (60, 4, 4)).astype(np.uint8)
    labels = (images[:, 0, 0] > 128).astype(np.float32)
    blank = np.where(np.arange(60) < 30, labels, np.nan)
    assert probe_on(images, np.arange(60), blank) == probe_on(
        images[:30], np.arange(30), labels[:30]
    )


def test_the_probe_changes_nothing_but_its_own_lines(corpus: Corpus, tmp_path: Path) -> None:
    targets = ["Pleural Effusion", "Lung Opacity"]
    options = LEAN | {"probe_every": 2, "probe_targets": targets}
    probed = pretrain(corpus, tmp_path / "probed", load_recipe("radtex-small", options))
    plain = pretrain(corpus, tmp_path / "plain", load_recipe("radtex-small", LEAN))
    for file in ("model.safetensors", "tokenizer.json", "patients.txt"):
        assert (probed / file).read_bytes() == (plain / file).read_bytes()
    last = sorted((plain / "checkpoint").glob("0*"))[-1].name
    for file in ("model.safetensors", "optimizer.safetensors"):
        own, other = (run / "checkpoint" / last / file for run in (probed, plain))
        assert own.read_bytes() == other.read_bytes()
    lines = (probed / "metrics.jsonl").read_text().splitlines()
    curve = [json.loads(line) for line in lines if "probe_auc" in line]
    assert [line for line in lines if "probe_auc" not in line] == (
        plain / "metrics.jsonl"
    ).read_text().splitlines()
    assert [point["step"] for point in curve] == [2, 3]
    for point in curve:
        of_targets = [point[f"probe_auc/{name}"] for name in targets]
        assert point["probe_auc"] == pytest.approx(np.mean(of_targets))
        assert all(0 <= value <= 1 for value in of_targets)


def test_labels_of_other_splits_are_not_read(corpus: Corpus, tmp_path: Path) -> None:
    """They may be anything: the curve is the same."""
    index = corpus.index.copy()
    others = index["split"] != "validate"
    for name in corpus.label_names:
        index.loc[others, f"label.{name}"] = 1 - index.loc[others, f"label.{name}"].clip(0)
    options = LEAN | {"steps": 1, "probe_every": 1, "probe_targets": ["Lung Opacity"]}
    curves = []
    for number, each in enumerate((corpus, replace(corpus, index=index))):
        run = pretrain(each, tmp_path / str(number), load_recipe("radtex-small", options))
        lines = (run / "metrics.jsonl").read_text().splitlines()
        curves.append([line for line in lines if "probe_auc" in line])
    assert len(curves[0]) == 1
    assert curves[0] == curves[1]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"probe_targets": ["Nothing"]}, CorpusError, "has no labels Nothing"),
        ({"probe_targets": ["Cardiomegaly"]}, RecipeError, "cannot serve a probe"),
        ({"probe_every": 0}, RecipeError, "probe_every is 0"),
    ],
)
def test_a_probe_that_cannot_be_is_one_line_and_leaves_nothing(
    phantom_corpus: Corpus,
    tmp_path: Path,
    options: dict[str, object],
    error: type[Exception],
    message: str,
) -> None:
    recipe = load_recipe("radtex-small", LEAN | {"probe_every": 1} | options)
    with pytest.raises(error, match=message):
        pretrain(phantom_corpus, tmp_path / "run", recipe)
    assert not (tmp_path / "run").exists()
