import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import radtex
from radtex.corpus.corpus import Corpus
from radtex.errors import RunError
from radtex.models.storage import load, load_encoder, resolve_encoder
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe


@pytest.fixture(scope="module")
def run(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {
        "backbone": "resnet10t",
        "hidden": 32,
        "heads": 2,
        "feedforward": 64,
        "vocabulary": 400,
        "max_tokens": 24,
        "steps": 2,
    }
    out = tmp_path_factory.mktemp("runs") / "run"
    return pretrain(phantom_corpus, out, load_recipe("radtex-small", options))


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run, tmp_path / "copy"))


def test_a_loaded_run_encodes_and_reports(run: Path, phantom_corpus: Corpus) -> None:
    model = radtex.load(run)
    features = model.encode(phantom_corpus.images[:3])
    assert features.shape == (3, model.encoder.width)
    assert np.isfinite(features).all()
    reports = model.report(phantom_corpus.images[:3], prompt="There is", beams=2)
    assert len(reports) == 3
    assert all(report.startswith("there is") for report in reports)


def test_a_prompt_longer_than_the_context_is_refused(run: Path, phantom_corpus: Corpus) -> None:
    with pytest.raises(RunError, match="context holds 23"):
        load(run).report(phantom_corpus.images[:1], prompt="pleural effusion " * 30)


def test_the_encoder_of_a_run_is_the_one_it_kept(run: Path, phantom_corpus: Corpus) -> None:
    levels = (phantom_corpus.mean, phantom_corpus.std)
    resolved = resolve_encoder(str(run), "resnet50", 224, levels, seed=9)
    assert resolved.encoder.backbone == "resnet10t"
    assert resolved.objective == "bicaptioning"
    for a, b in zip(
        resolved.encoder.state_dict().values(), load_encoder(run).state_dict().values(), strict=True
    ):
        assert torch.equal(a, b)


def test_a_run_keeps_the_hashes_of_its_patients(run: Path, phantom_corpus: Corpus) -> None:
    resolved = resolve_encoder(str(run), "resnet10t", 64, (0.0, 1.0), seed=0)
    hashes = phantom_corpus.patient_hashes()
    own = {hashes[row] for split in ("train", "validate") for row in phantom_corpus.rows(split)}
    assert resolved.patients == own


def test_random_is_a_function_of_its_seed() -> None:
    state = torch.get_rng_state()
    one, two, other = (
        resolve_encoder("random", "resnet10t", 64, (0.0, 1.0), seed).encoder.state_dict()
        for seed in (1, 1, 2)
    )
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is no run"):
        load(tmp_path)
    with pytest.raises(RunError, match="expected `random`, `imagenet` or a run"):
        resolve_encoder("nowhere", "resnet10t", 64, (0.0, 1.0), 0)


def test_an_unfinished_run_is_refused(copy: Path) -> None:
    (copy / "model.safetensors").unlink()
    with pytest.raises(RunError, match="unfinished"):
        load(copy)


def test_truncated_weights_are_refused(copy: Path) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(RunError, match="cannot read the weights"):
        load(copy)


def test_the_tokenizer_of_another_run_is_refused(copy: Path) -> None:
    from radtex.models.tokenizer import Tokenizer

    Tokenizer.train(["other words"], 280).save(copy / "tokenizer.json")
    with pytest.raises(RunError, match="belongs to another run"):
        load(copy)


def test_another_tokenizer_of_the_same_size_is_refused(copy: Path) -> None:
    file = copy / "tokenizer.json"
    tokenizer = json.loads(file.read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    one, other = list(vocabulary)[-2:]
    vocabulary[one], vocabulary[other] = vocabulary[other], vocabulary[one]
    file.write_text(json.dumps(tokenizer), encoding="utf-8")
    with pytest.raises(RunError, match="is not the file that the run was trained with"):
        load(copy)


def test_weights_of_another_architecture_are_refused(copy: Path) -> None:
    config = yaml.safe_load((copy / "config.yaml").read_text())
    config["model"]["backbone"] = "resnet18"
    (copy / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(RunError, match="do not fit"):
        load(copy)


def test_nothing_in_a_run_is_a_pickle(run: Path) -> None:
    names = {path.name for path in run.rglob("*") if path.is_file()}
    assert all(
        name.endswith((".safetensors", ".json", ".jsonl", ".yaml", ".txt")) for name in names
    )
