"""A run's folder is laid out once, and is the same run when it is begun again."""

import logging
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from fixtures.recipes import LEAN
from radtex import __version__
from radtex.corpus.corpus import Corpus
from radtex.corpus.pseudonyms.pseudonyms import KeyedPatients, Pseudonyms
from radtex.errors import RunError
from radtex.models.storage import load_weights
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.begin_run import begin_run
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe

CONFIG: dict[str, Any] = {
    "model": {
        "backbone": "test_resnet",
        "input_size": 64,
        "mean": 1.0,
        "std": 2.0,
        "decoder": None,
    },
    "recipe": {"seed": 1, "objective": "supervised", "text": {"max_tokens": 3}},
    "steps": 9,
    "corpus": {"content_hash": "00ff"},
    "threads": 1,
}

PATIENTS = Pseudonyms({"a key": KeyedPatients(frozenset({"a" * 64, "b" * 64}), None)})


def test_a_new_run_has_its_config_tokenizer_and_patients(tmp_path: Path) -> None:
    run, tokenizer = tmp_path / "run", Tokenizer.train(["clear lungs"], 260)
    begin_run(run, CONFIG, tokenizer, lambda: PATIENTS)
    assert yaml.safe_load((run / "config.yaml").read_text()) == CONFIG
    assert Pseudonyms.parse((run / "patients.txt").read_text()) == PATIENTS
    assert len(Tokenizer.load(run / "tokenizer.json")) == 260


def test_begun_again_alike_it_stays_as_it_is(tmp_path: Path) -> None:
    run = tmp_path / "run"
    films = np.arange(128, dtype=np.uint8).reshape(2, 64)
    begin_run(run, CONFIG, None, lambda: PATIENTS, lambda: films)
    np.testing.assert_array_equal(load_weights(run / "films.safetensors")["hashes"], films)
    before = {path: path.stat().st_mtime_ns for path in run.iterdir()}
    assert {path.name for path in before} == {"config.yaml", "patients.txt", "films.safetensors"}
    begin_run(run, CONFIG, None, pytest.fail, pytest.fail)
    assert {path: path.stat().st_mtime_ns for path in run.iterdir()} == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 10}, "other choices: steps 9, now 10; repeat its command"),
        ({"recipe": CONFIG["recipe"] | {"seed": 2}}, "choices: recipe seed 1, now 2;"),
        (
            {"model": CONFIG["model"] | {"mean": 0.0, "std": 1.0}},
            r"model mean 1\.0, now 0\.0; model std 2\.0, now 1\.0",
        ),
        ({"corpus": {"content_hash": "11"}}, "corpus content_hash 00ff, now 11"),
    ],
)
def test_another_run_is_refused_with_what_differs(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    begin_run(tmp_path / "run", CONFIG, None, lambda: PATIENTS)
    with pytest.raises(RunError, match=message):
        begin_run(tmp_path / "run", CONFIG | change, None, lambda: PATIENTS)


def test_another_number_of_threads_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begin_run(tmp_path / "run", CONFIG, None, lambda: PATIENTS)
    with caplog.at_level(logging.WARNING):
        begin_run(tmp_path / "run", CONFIG | {"threads": 2}, None, lambda: PATIENTS)
    assert "begun with 1 threads and goes on with 2" in caplog.text


def test_the_config_says_what_was_trained_on_what(phantom_corpus: Corpus, tmp_path: Path) -> None:
    recipe = load_recipe("captioning-small", LEAN)
    run = pretrain(phantom_corpus, tmp_path / "run", recipe)
    config = yaml.safe_load((run / "config.yaml").read_text())
    assert config["recipe"] == recipe.as_dict()
    assert config["steps"] == 2
    assert config["model"]["backbone"] == "test_resnet"
    assert config["model"]["input_size"] == phantom_corpus.size
    assert config["model"]["decoder"]["directions"] == ["forward"]
    assert config["corpus"]["content_hash"] == phantom_corpus.content_hash
    assert 0 < config["corpus"]["train_images"] <= len(phantom_corpus.rows("train"))
    assert config["tokenizer"] == Tokenizer.load(run / "tokenizer.json").sha256
    assert config["versions"]["radtex"] == __version__
    assert config["versions"]["torch"] == version("torch")
