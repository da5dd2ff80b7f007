"""Every objective there is trains, and one more is a file and a line."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

import radtex
from fixtures.recipes import LEAN
from radtex import cli
from radtex.corpus.corpus import Corpus
from radtex.errors import RecipeError, RunError
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolve import resolve_encoder
from radtex.pretraining import objectives
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.objectives.objective_registry import OBJECTIVES, objective_class
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe, recipe_leaves

WRITERS = {"bicaptioning", "joint", "captioning", "contrastive-captioning"}
"""Objectives whose runs can write reports."""

TOY = '''
import numpy as np
import torch
from torch import nn

from radtex.models.encoder import pool
from radtex.pretraining.objectives.objective import Objective


class Brightness(Objective):
    """Say how bright a radiograph is."""

    terms = ("brightness",)

    def __init__(self, encoder, brightness):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.width, 1)
        self.brightness = brightness
        self.lengths = np.zeros(2 * len(brightness), dtype=np.int64)

    @classmethod
    def from_recipe(cls, recipe, corpus, encoder, run):
        return cls(encoder, corpus.images.mean((1, 2), dtype=np.float32) / 255)

    def usable(self, rows):
        return rows

    def counts(self, rows):
        return np.array([len(rows)], dtype=np.float64)

    def targets(self, rows):
        return {"brightness": torch.from_numpy(self.brightness[rows % len(self.brightness)])}

    def forward(self, images, targets):
        guess = self.head(pool(self.encoder(images)))[:, 0].float()
        return (guess - targets["brightness"]).square().sum().unsqueeze(0)
'''


@pytest.mark.parametrize("name", OBJECTIVES)
def test_each_name_leads_to_a_class_of_its_own(name: str) -> None:
    kinds = {other: objective_class(other) for other in OBJECTIVES}
    assert issubclass(kinds[name], Objective)
    assert [other for other, kind in kinds.items() if kind is kinds[name]] == [name]


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(RecipeError, match=r"'guessing'.*bicaptioning, joint, captioning, masked"):
        objective_class("guessing")


def test_an_objective_more_is_one_file_and_one_line(
    phantom_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be named in a recipe and trained, and its run starts another."""
    (tmp_path / "toy_objective.py").write_text(TOY)
    monkeypatch.setattr(objectives, "__path__", [*objectives.__path__, str(tmp_path)])
    monkeypatch.setitem(OBJECTIVES, "brightness", "toy_objective:Brightness")
    try:
        recipe = load_recipe("radtex-small", LEAN | {"objective": "brightness", "flip": 0.5})
        run = pretrain(phantom_corpus, tmp_path / "run", recipe)
    finally:
        sys.modules.pop("radtex.pretraining.objectives.toy_objective", None)
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == [1, 2]
    config = yaml.safe_load((run / "config.yaml").read_text())
    assert config["recipe"]["objective"] == "brightness"
    assert config["targets"] == []
    takes = EncoderInput(224, 0.0, 1.0)
    assert resolve_encoder(str(run), "resnet50", takes, seed=0).objective == "brightness"


def test_the_recipe_knows_the_names_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecipeError, match="objective: found 'toy', expected one of bicaptioning, "):
        load_recipe("radtex-small", {"objective": "toy"})
    monkeypatch.setitem(OBJECTIVES, "toy", "toy:Toy")
    assert load_recipe("radtex-small", {"objective": "toy"}).objective == "toy"
    assert "toy" in recipe_leaves()["objective"][1].__args__


def words(corpus: Corpus, objective: str, out: Path) -> list[str]:
    options = LEAN | {"steps": 3, "validate_every": 2}
    flags = [w for name, value in options.items() for w in (f"--{name}".replace("_", "-"), value)]
    recipe = "radtex-small" if objective == "joint" else f"{objective}-small"
    command = ["pretrain", corpus.path, "--out", out, "--resume", "--recipe", recipe]
    return [str(word) for word in [*command, *flags]]


def kept_by(command: list[str], monkeypatch: pytest.MonkeyPatch, run: Path) -> list[bytes]:
    """What a run keeps after a command."""
    monkeypatch.setattr(sys, "argv", ["radtex", *command])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    return [(run / name).read_bytes() for name in ("model.safetensors", "metrics.jsonl")]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_an_objective_trains_resumes_and_serves_as_an_encoder(
    objective: str, phantom_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, resumed = tmp_path / "run", tmp_path / "resumed"
    whole = kept_by(words(phantom_corpus, objective, run), monkeypatch, run)
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == [1, 2, 3]
    assert all(np.isfinite(list(line.values())).all() for line in lines)

    shutil.copytree(run, resumed)
    (resumed / "model.safetensors").unlink()
    shutil.rmtree(resumed / "checkpoint" / "00000003")
    assert kept_by(words(phantom_corpus, objective, resumed), monkeypatch, resumed) == whole

    takes = EncoderInput(224, 0.0, 1.0)
    assert resolve_encoder(str(run), "resnet50", takes, seed=0).objective == objective
    model = radtex.load(run)
    assert np.isfinite(model.encode(phantom_corpus.images[:2])).all()
    if objective in WRITERS:
        assert len(model.report(phantom_corpus.images[:2])) == 2
    else:
        with pytest.raises(RunError, match="this run cannot write"):
            model.report(phantom_corpus.images[:2])
