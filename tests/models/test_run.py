"""A run on disk: opened without its weights, loaded whole, or refused in one line."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import radtex
from radtex.corpus.corpus import Corpus
from radtex.corpus.pseudonyms.pseudonyms import Pseudonyms
from radtex.errors import RunError
from radtex.images import Preprocessing
from radtex.models.encoder_input import EncoderInput
from radtex.models.film_hashes import film_hashes
from radtex.models.run import Run, load
from radtex.models.storage import save_weights
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe


@pytest.fixture
def copy(writing_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(writing_run, tmp_path / "copy"))


def test_an_opened_run_says_what_it_was_trained_from_and_for(
    writing_run: Path, phantom_corpus: Corpus
) -> None:
    run = Run.open(str(writing_run))
    assert run.path == writing_run
    assert run.takes == EncoderInput(64, phantom_corpus.mean, phantom_corpus.std)
    assert run.preprocessing == Preprocessing(64, "pad", "window")
    assert run.description.backbone == "test_resnet"
    assert (run.objective, run.init, run.seed, run.steps) == ("joint", "random", 0, 2)
    assert run.targets == []
    assert run.corpus_hash == phantom_corpus.content_hash
    assert run.namespaces == ["phantom"]
    assert run.reference_policy == "findings+impression"
    assert not run.removes_priors
    assert run.recipe["backbone"] == "test_resnet"


def test_a_run_keeps_pseudonyms_of_its_patients(
    writing_run: Path, copy: Path, phantom_corpus: Corpus
) -> None:
    rows = [phantom_corpus.rows(split) for split in ("train", "validate")]
    own = Pseudonyms.of_corpus(phantom_corpus, np.concatenate(rows))
    assert Run.open(writing_run).patients == own
    (copy / "patients.txt").write_text("half a li")
    with pytest.raises(RunError, match=r"has no readable patients\.txt"):
        _ = Run.open(copy).patients
    (copy / "patients.txt").unlink()
    run = Run.open(copy)
    with pytest.raises(RunError, match=r"has no readable patients\.txt"):
        _ = run.patients


def test_a_loaded_run_has_the_encoder_that_it_gives_alone(writing_run: Path) -> None:
    run = Run.open(writing_run)
    encoder, model = run.encoder(), radtex.load(writing_run)
    assert model.takes == run.takes
    assert not encoder.training
    assert not model.encoder.training
    for alone, whole in zip(
        encoder.state_dict().values(), model.encoder.state_dict().values(), strict=True
    ):
        assert torch.equal(alone, whole)


def test_a_run_that_learnt_from_labels_has_a_head_for_each(
    phantom_corpus: Corpus, writing_run: Path, tmp_path: Path
) -> None:
    options = {"backbone": "test_resnet", "steps": 1, "targets": ("Edema", "Cardiomegaly")}
    pretrain(phantom_corpus, tmp_path / "run", load_recipe("supervised-small", options))
    run = Run.open(tmp_path / "run")
    weights, intercepts = run.heads()
    assert run.targets == ["Edema", "Cardiomegaly"]
    assert weights.shape == (2, run.encoder().width)
    assert intercepts.shape == (2,)
    joint = {"labels_weight": 1.0, "hidden": 32, "heads": 2, "feedforward": 32}
    pretrain(phantom_corpus, tmp_path / "joint", load_recipe("radtex-small", options | joint))
    assert Run.open(tmp_path / "joint").heads()[0].shape == (2, run.encoder().width)
    with pytest.raises(RunError, match="holds no head"):
        Run.open(writing_run).heads()


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is no run"):
        load(tmp_path)


@pytest.mark.parametrize("config", ["model: [", "", "model: {backbone: resnet18}"])
def test_a_damaged_config_is_refused(copy: Path, config: str) -> None:
    (copy / "config.yaml").write_text(config)
    with pytest.raises(RunError, match=r"config\.yaml is damaged"):
        Run.open(copy)


def test_an_unfinished_run_opens_but_has_no_networks_yet(copy: Path) -> None:
    (copy / "model.safetensors").unlink()
    run = Run.open(copy)
    assert run.patients
    for use in (run.load, run.encoder):
        with pytest.raises(RunError, match="is unfinished: continue it with `radtex pretrain"):
            use()


def test_truncated_weights_are_refused(copy: Path) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(RunError, match="cannot read the weights"):
        load(copy)


def test_the_tokenizer_of_another_run_is_refused(copy: Path) -> None:
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


def test_nothing_in_a_run_is_a_pickle(writing_run: Path) -> None:
    names = {path.name for path in writing_run.rglob("*") if path.is_file()}
    assert all(
        name.endswith((".safetensors", ".json", ".jsonl", ".yaml", ".txt")) for name in names
    )


def test_a_run_keeps_hashes_of_its_films(
    writing_run: Path, copy: Path, phantom_corpus: Corpus
) -> None:
    films = Run.open(writing_run).films
    assert films is not None
    rows = np.concatenate([phantom_corpus.rows(split) for split in ("train", "validate")])
    np.testing.assert_array_equal(films, film_hashes(phantom_corpus.images, rows))
    file = copy / "films.safetensors"
    save_weights(file, {"hashes": torch.ones(3, 2)})
    with pytest.raises(RunError, match="holds no hashes of films; restore it"):
        assert Run.open(copy).films is None
    file.write_bytes(b"damaged")
    with pytest.raises(RunError, match="films"):
        assert Run.open(copy).films is None
    file.unlink()
    assert Run.open(copy).films is None
