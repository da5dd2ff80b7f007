"""The supervised loss against a loop, and where its labels come from."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from fixtures.recipes import LEAN
from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.errors import RecipeError
from radtex.findings import TARGET_SETS
from radtex.models.encoder import Encoder, pool
from radtex.pretraining.objectives.supervised import Supervised
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe


def test_supervised_equals_a_loop_over_definite_labels() -> None:
    torch.manual_seed(0)
    labels = np.array([[1, 0, np.nan], [np.nan, np.nan, np.nan], [0, 1, 1]], dtype=np.float32)
    objective = Supervised(Encoder("resnet10t", 64), labels, ("a", "b", "c")).eval()
    images = torch.randn(3, 1, 64, 64)
    rows = np.arange(3)
    sums = objective(images, objective.targets(rows))
    logits = objective.head(pool(objective.encoder(images)))
    total = 0.0
    for row, column in np.ndindex(labels.shape):
        if not np.isnan(labels[row, column]):
            p = 1 / (1 + math.exp(-logits[row, column].item()))
            total -= math.log(p if labels[row, column] == 1 else 1 - p)
    assert sums.item() == pytest.approx(total, rel=1e-5)
    assert objective.counts(rows).tolist() == [5]
    assert objective.usable(rows).tolist() == [0, 2]


def test_supervised_learns_from_named_targets(phantom_corpus: Corpus, tmp_path: Path) -> None:
    recipe = load_recipe("supervised-small", LEAN | {"targets": ["radtex9"]})
    run = pretrain(phantom_corpus, tmp_path / "run", recipe)
    config = yaml.safe_load((run / "config.yaml").read_text())
    assert config["targets"] == list(TARGET_SETS["radtex9"])
    assert not (run / "tokenizer.json").exists()


def test_without_named_targets_it_learns_all_labels_of_the_corpus(
    phantom_corpus: Corpus, encoder: Encoder, tmp_path: Path
) -> None:
    recipe = load_recipe("supervised-small", LEAN)
    objective = Supervised.from_recipe(recipe, phantom_corpus, encoder, tmp_path)
    assert objective.label_names == phantom_corpus.label_names
    assert objective.head.out_features == len(phantom_corpus.label_names)


def test_supervised_learns_from_labels_that_the_reports_state(
    phantom_corpus: Corpus, encoder: Encoder, tmp_path: Path
) -> None:
    options = LEAN | {"label_source": "reports", "label_policy": "blank-negative"}
    recipe = load_recipe("supervised-small", options | {"targets": ["radtex9"]})
    objective = Supervised.from_recipe(recipe, phantom_corpus, encoder, tmp_path)
    mined = objective.labels
    assert {0, 1} <= set(np.unique(mined[~np.isnan(mined)]))
    truth = phantom_corpus.labels(TARGET_SETS["radtex9"], label_policy("paper"))
    effusion = TARGET_SETS["radtex9"].index("Pleural Effusion")
    assert (mined[:, effusion] == truth[:, effusion]).mean() > 0.9
    unknown = load_recipe("supervised-small", options | {"targets": ["Nodule"]})
    with pytest.raises(RecipeError, match="there are no labels Nodule in the reports"):
        pretrain(phantom_corpus, tmp_path / "run", unknown)
