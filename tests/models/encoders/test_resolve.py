"""The resolver of encoder names: `random`, runs, and what is nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from radtex.corpus.corpus import Corpus
from radtex.errors import RunError
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.imagenet import imagenet_input
from radtex.models.encoders.resolve import resolve_encoder
from radtex.models.run import Run

TAKES = EncoderInput(64, 100.0, 50.0)


def test_the_encoder_of_a_run_is_the_one_it_kept(writing_run: Path, phantom_corpus: Corpus) -> None:
    resolved, run = resolve_encoder(str(writing_run), "resnet50", TAKES, 9), Run.open(writing_run)
    assert (resolved.source, resolved.objective) == ("run", "joint")
    assert resolved.encoder.backbone == "test_resnet"
    assert resolved.takes == EncoderInput(64, phantom_corpus.mean, phantom_corpus.std)
    assert resolved.patients == run.patients
    for a, b in zip(
        resolved.encoder.state_dict().values(), run.encoder().state_dict().values(), strict=True
    ):
        assert torch.equal(a, b)


def test_a_run_is_described_for_a_reader(writing_run: Path, phantom_corpus: Corpus) -> None:
    assert resolve_encoder(str(writing_run), "resnet50", TAKES, 9).description == {
        "architecture": "test_resnet",
        "input_size": 64,
        "fit": phantom_corpus.preprocessing.fit,
        "intensity": "window",
        "weights": f"run {writing_run.name}",
        "objective": "joint",
        "targets": [],
        "init": "random",
        "steps": 2,
        "seed": 0,
        "corpus": phantom_corpus.content_hash,
        "namespaces": ["phantom"],
        "recipe": Run.open(writing_run).recipe,
    }


def test_random_is_a_function_of_its_seed() -> None:
    state = torch.get_rng_state()
    one, two, other = (
        resolve_encoder("random", "test_resnet", TAKES, seed).encoder.state_dict()
        for seed in (1, 1, 2)
    )
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)
    assert torch.equal(torch.get_rng_state(), state)


def test_random_takes_what_it_is_told_to() -> None:
    resolved = resolve_encoder("random", "test_resnet", TAKES, 3)
    assert resolved.takes == TAKES
    assert resolved.description["weights"] == "drawn with seed 3"
    assert not resolved.encoder.training


def test_imagenet_has_its_own_grey_levels_at_the_size_that_is_asked_for(
    put: Callable[[str], Path],
) -> None:
    weights = timm.create_model("test_resnet").state_dict()
    save_file(weights, put("timm/test_resnet.r160_in1k") / "model.safetensors")
    resolved = resolve_encoder("imagenet", "test_resnet", TAKES, 3)
    assert resolved.takes == imagenet_input(resolved.encoder)
    assert (resolved.source, resolved.takes.size) == ("imagenet", 64)
    assert resolved.takes.mean != TAKES.mean
    assert resolved.description["weights"] == "timm r160_in1k"


def test_a_name_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="expected `random`, `imagenet` or a run"):
        resolve_encoder("nowhere", "test_resnet", TAKES, 0)
    with pytest.raises(RunError, match="is no run"):
        resolve_encoder(str(tmp_path), "test_resnet", TAKES, 0)
