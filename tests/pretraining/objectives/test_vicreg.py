"""The image-only rival: its loss against loops, its views, and that it does not collapse."""

import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from fixtures.passes import ROWS, STILL, gradients, passes
from fixtures.recipes import LEAN
from radtex.compute.seeding import derived_seed, seeded
from radtex.corpus.corpus import Corpus
from radtex.errors import RecipeError
from radtex.models.encoder import Encoder, pool
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.batches import micro_batches
from radtex.pretraining.objectives import vicreg
from radtex.pretraining.objectives.vicreg import VICReg
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe

WIDTH = 8
MILD = AugmentationOptions(crop_area=0.98, crop_ratio=1.0, rotation=1.0)
"""What leaves two views of noise alike."""


def objective(backbone: str = "resnet10t") -> VICReg:
    torch.manual_seed(0)
    return VICReg(Encoder(backbone, 64), WIDTH, len(ROWS))


def naive_terms(views: list[list[list[float]]]) -> list[float]:
    """The three terms of embeddings, of each view of each image, one number after the other."""
    n, width = len(views[0]), len(views[0][0])
    squares = [
        (a - b) ** 2
        for one, other in zip(*views, strict=True)
        for a, b in zip(one, other, strict=True)
    ]
    short, covariances = 0.0, 0.0
    for view in views:
        means = [sum(image[d] for image in view) / n for d in range(width)]
        for d in range(width):
            variance = sum((image[d] - means[d]) ** 2 for image in view) / (n - 1)
            short += max(0.0, 1 - math.sqrt(variance + 1e-4)) / width / 2
            for other in range(width):
                if other != d:
                    product = sum((i[d] - means[d]) * (i[other] - means[other]) for i in view)
                    covariances += (product / (n - 1)) ** 2 / width
    return [25 * sum(squares) / len(squares), 25 * short, covariances]


def test_the_terms_equal_loops_over_images_and_dimensions() -> None:
    generator = torch.Generator().manual_seed(1)
    scales = torch.tensor([0.1, 0.5, 2.0, 1.0, 0.9])
    views = torch.randn(2, 6, 5, generator=generator) * scales
    sums = objective().relate(torch.cat([views[0], views[1]], dim=1))
    assert sums.tolist() == pytest.approx([6 * each for each in naive_terms(views.tolist())])


def test_the_two_views_of_an_image_are_compared() -> None:
    """A loop over images, each view by itself, without the batch's statistics."""
    own = objective().eval()
    images = torch.randn(2 * 4, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    embedded = [
        [
            own.expander(pool(own.encoder(images[place : place + 1])))[0].tolist()
            for place in (row, row + 4)
        ]
        for row in range(4)
    ]
    views = [[pair[side] for pair in embedded] for side in range(2)]
    expected = [4 * term for term in naive_terms(views)]
    assert own(images, own.targets(ROWS[:4])).tolist() == pytest.approx(expected, rel=1e-3)
    assert own.counts(ROWS[:4]).tolist() == [4, 4, 4]
    assert own.usable(ROWS).tolist() == ROWS.tolist()


def test_a_step_shows_two_augmentations_of_each_image_and_validation_the_same_each_time() -> None:
    own = objective()
    training = passes(own)
    seen: list[torch.Tensor] = []
    own.encoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    training.train(0, ROWS[:4])
    first, second = seen[0].chunk(2)
    assert first.shape == (2, 1, 64, 64)
    assert not torch.allclose(first, second)
    validated = [training.validate(ROWS, 3) for _ in range(2)]
    assert validated[0] == validated[1]
    assert validated[0]["val_invariance"] > 0
    still = passes(objective(), 1, STILL).train(0, ROWS)
    assert still["invariance"] == pytest.approx(0, abs=1e-9)


def test_a_step_in_parts_compares_all_its_images() -> None:
    """The gradients are those of one graph over all parts, each with the draws of its number."""
    whole, cut = objective(), objective()
    training = passes(cut, 2, AugmentationOptions())
    found = training.train(0, ROWS)
    whole.train()
    embeddings, seed = [], training.forward.seed
    for number, rows in enumerate(micro_batches(ROWS, 2)):
        key = derived_seed(seed, 0, number, 1)
        views = training.forward.pixels.augmented(np.tile(rows, 2), AugmentationOptions(), key)
        with seeded(seed, 0, number, 0):
            embeddings.append(whole.embed(views, {}))
    sums = whole.relate(torch.cat(embeddings)) / len(ROWS)
    assert list(found.values())[1:] == pytest.approx(sums.tolist(), rel=1e-4)
    sums.sum().backward()
    wanted = gradients(whole)
    assert gradients(cut).keys() == wanted.keys()
    for name, gradient in gradients(cut).items():
        assert torch.allclose(gradient, wanted[name], rtol=1e-3, atol=1e-4), name


def deviation_after_training(own: VICReg) -> float:
    """Median over the embedding's dimensions of their deviation, after some steps."""
    training = passes(own, 1, MILD)
    optimizer = torch.optim.AdamW(own.parameters(), lr=2e-3)
    for step in range(40):
        training.train(step, ROWS)
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        images = training.forward.pixels.augmented(np.tile(ROWS, 2), MILD, 1)
        return own.embed(images, {})[:, :WIDTH].std(dim=0).median().item()


@pytest.mark.soak
def test_the_embeddings_do_not_collapse_and_without_the_variance_term_they_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert deviation_after_training(objective()) > 0.35
    monkeypatch.setattr(vicreg, "VARIANCE_WEIGHT", 0.0)
    assert deviation_after_training(objective()) < 0.2


def test_a_step_of_one_image_has_a_finite_loss_and_gradient() -> None:
    own = objective()
    losses = passes(own, 1).train(0, ROWS[:1])
    assert losses["variance"] == pytest.approx(25 * 0.99)
    assert losses["covariance"] == 0


def test_it_learns_from_a_corpus_without_reports_and_labels(
    phantom_corpus: Corpus, tmp_path: Path
) -> None:
    shutil.copytree(phantom_corpus.path, tmp_path / "corpus")
    index = pd.read_parquet(tmp_path / "corpus" / "index.parquet")
    index[["findings", "impression", "report"]] = ""
    labels = [name for name in index.columns if name.startswith("label.")]
    index.drop(columns=labels).to_parquet(tmp_path / "corpus" / "index.parquet")
    bare = Corpus.open(tmp_path / "corpus")
    run = pretrain(bare, tmp_path / "run", load_recipe("vicreg-small", LEAN))
    config = yaml.safe_load((run / "config.yaml").read_text())
    assert config["corpus"]["train_images"] == len(bare.rows("train"))
    assert config["targets"] == []
    assert not (run / "tokenizer.json").exists()


@pytest.mark.parametrize("named", [{"targets": ["radtex9"]}, {"label_source": "reports"}])
def test_labels_to_learn_are_refused(
    named: dict[str, object], phantom_corpus: Corpus, tmp_path: Path
) -> None:
    recipe = load_recipe("vicreg-small", LEAN | named)
    with pytest.raises(RecipeError, match="'vicreg' learns from images alone"):
        pretrain(phantom_corpus, tmp_path / "run", recipe)
    assert not (tmp_path / "run").exists()


@pytest.mark.soak
def test_two_processes_compare_the_same_images_as_one(
    phantom_corpus: Corpus, tmp_path: Path
) -> None:
    """To the byte: both passes over a part draw alike, whichever process they are in."""
    recipe = load_recipe("vicreg-small", LEAN)
    one, two = pretrain(phantom_corpus, tmp_path / "one", recipe), tmp_path / "two"
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in LEAN.items()]
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = ["-m", "radtex", "pretrain", str(phantom_corpus.path), "--out", str(two)]
    subprocess.run(
        [sys.executable, *torchrun, *command, "--recipe", "vicreg-small", *flags],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
    )
    for name in ("model.safetensors", "metrics.jsonl"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
