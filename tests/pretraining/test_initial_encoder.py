"""`--init FILE`: weights that others trained, as the beginning of a run."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from torch import Tensor

from radtex.compute.seeding import seeded
from radtex.corpus.corpus import Corpus
from radtex.errors import RecipeError, RunError
from radtex.models.encoder_input import EncoderInput
from radtex.models.run import Run
from radtex.pretraining.initial_encoder import initial_encoder
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe

SMALL = {
    "backbone": "resnet18",
    "hidden": 32,
    "heads": 2,
    "feedforward": 64,
    "vocabulary": 300,
    "max_tokens": 8,
    "steps": 1,
    "batch_size": 2,
}
TAKES = EncoderInput(64, 127.0, 64.0)


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    with seeded(7):
        return torchvision.models.resnet18().state_dict()


@pytest.fixture(scope="module")
def files(weights: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A checkpoint such as VirTex writes, and one of torchvision's."""
    folder = tmp_path_factory.mktemp("weights")
    visual = {f"visual.cnn.{name}": value for name, value in weights.items()}
    textual = {"textual.embedding.words.weight": torch.zeros(10, 4)}
    torch.save({"model": visual | textual, "iteration": 500_000}, folder / "virtex.pth")
    torch.save(weights, folder / "torchvision.pth")
    return {name: folder / f"{name}.pth" for name in ("virtex", "torchvision")}


def test_random_weights_are_those_of_the_recipes_seed() -> None:
    def weights(seed: int) -> Tensor:
        recipe = load_recipe("radtex-small", {**SMALL, "seed": seed})
        encoder, patients, films = initial_encoder(recipe, TAKES)
        assert not patients
        assert films is not None
        assert not len(films)
        return encoder.network.conv1.weight

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


@pytest.mark.parametrize("kind", ["virtex", "torchvision"])
def test_a_run_begins_from_the_weights_of_a_file(
    kind: str, files: dict[str, Path], weights: dict[str, Tensor]
) -> None:
    recipe = load_recipe("radtex-small", {**SMALL, "init": str(files[kind])})
    encoder, patients, films = initial_encoder(recipe, TAKES)
    assert not patients
    assert films is not None
    assert not len(films)
    for name, value in encoder.network.state_dict().items():
        expected = weights[name].sum(1, keepdim=True) if name == "conv1.weight" else weights[name]
        assert torch.equal(value, expected), name


def test_a_run_from_a_file_finishes(
    files: dict[str, Path], phantom_corpus: Corpus, tmp_path: Path
) -> None:
    recipe = load_recipe("radtex-small", {**SMALL, "init": str(files["virtex"])})
    run = pretrain(phantom_corpus, tmp_path / "run", recipe)
    assert (run / "model.safetensors").is_file()
    assert str(files["virtex"]) in (run / "config.yaml").read_text()


def test_a_run_from_a_run_keeps_the_films_of_both(
    files: dict[str, Path], phantom_corpus: Corpus, tmp_path: Path
) -> None:
    def begun_from(init: str, out: str) -> Run:
        recipe = load_recipe("radtex-small", {**SMALL, "init": init})
        return Run.open(pretrain(phantom_corpus, tmp_path / out, recipe))

    first = begun_from(str(files["virtex"]), "first")
    second = begun_from(str(first.path), "second")
    used = sum(len(phantom_corpus.rows(split)) for split in ("train", "validate"))
    assert first.films is not None
    assert second.films is not None
    assert len(first.films) <= used
    assert (second.films == np.concatenate([first.films, first.films])).all()
    (first.path / "films.safetensors").unlink()
    assert begun_from(str(first.path), "third").films is None


def test_weights_of_another_network_leave_no_run_behind(
    files: dict[str, Path], phantom_corpus: Corpus, tmp_path: Path
) -> None:
    recipe = load_recipe(
        "radtex-small", {**SMALL, "init": str(files["virtex"])} | {"backbone": "resnet10t"}
    )
    with pytest.raises(RecipeError, match="is a resnet18, the recipe wants a resnet10t"):
        pretrain(phantom_corpus, tmp_path / "run", recipe)
    damaged = tmp_path / "damaged.pth"
    damaged.write_bytes(files["virtex"].read_bytes()[:9999])
    recipe = load_recipe("radtex-small", {**SMALL, "init": str(damaged)})
    with pytest.raises(RunError, match="cannot read the weights"):
        pretrain(phantom_corpus, tmp_path / "run", recipe)
    assert not (tmp_path / "run").exists()
