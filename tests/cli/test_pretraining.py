"""`radtex pretrain` and `radtex runs` as a user types them."""

from pathlib import Path

import pytest

from fixtures.commands import Radtex, Recorder
from radtex.corpus.corpus import Corpus
from radtex.pretraining.recipe import Recipe, load_recipe


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    called = Recorder()
    monkeypatch.setattr("radtex.commands.training.train", called)
    return called


def test_every_field_of_the_recipe_is_a_flag(
    radtex_command: Radtex, trained: Recorder, phantom_corpus: Corpus
) -> None:
    words = ["--recipe", "supervised-small", "--learning-rate", "1e-3", "--epochs", 2]
    words += ["--targets", "Edema", "Pneumothorax", "--probe-targets", "radtex9"]
    words += ["--init", "random", "--log-to", "tensorboard", "--resume", "--out", "r"]
    words += ["--checkpoint-minutes", "7.5"]
    assert radtex_command("pretrain", phantom_corpus.path, *words).out == "r\n"
    ((_, out, recipe), options) = trained.calls[0]
    fields = {"learning_rate": 1e-3, "epochs": 2, "init": "random"}
    fields |= {"targets": ["Edema", "Pneumothorax"], "probe_targets": ["radtex9"]}
    assert out == Path("r")
    assert recipe == load_recipe("supervised-small", fields)
    assert options == {"resume": True, "log_to": ["tensorboard"], "checkpoint_minutes": 7.5}


def test_without_a_recipe_it_is_the_default_one(
    radtex_command: Radtex, trained: Recorder, phantom_corpus: Corpus
) -> None:
    assert radtex_command("pretrain", phantom_corpus.path, "--out", "r").status == 0
    ((_, _, recipe), options) = trained.calls[0]
    assert isinstance(recipe, Recipe)
    assert recipe == load_recipe()
    assert options == {}


def test_the_minutes_between_checkpoints_are_above_zero(
    radtex_command: Radtex, trained: Recorder, phantom_corpus: Corpus
) -> None:
    words = ["--out", "r", "--checkpoint-minutes", "0"]
    assert radtex_command("pretrain", phantom_corpus.path, *words).status == 2
    assert trained.calls == []


def test_of_several_processes_the_first_prints_the_run(
    radtex_command: Radtex,
    trained: Recorder,
    phantom_corpus: Corpus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RANK", "1")
    assert radtex_command("pretrain", phantom_corpus.path, "--out", "r") == (0, "", "")
    assert len(trained.calls) == 1


def test_a_field_that_does_not_exist_is_refused_with_a_suggestion(
    radtex_command: Radtex, trained: Recorder, phantom_corpus: Corpus
) -> None:
    ended = radtex_command("pretrain", phantom_corpus.path, "--out", "r", "--lerning-rate", "1")
    assert ended.status == 1
    assert "did you mean 'learning_rate'" in ended.err
    assert trained.calls == []


def test_runs_lists_nothing_where_there_is_none(radtex_command: Radtex, tmp_path: Path) -> None:
    assert radtex_command("runs", tmp_path, "--json").out == "[]\n"
