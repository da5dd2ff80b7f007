"""The number of micro-batches fits the processes, and is kept with the run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.recipes import LEAN
from radtex.corpus.corpus import Corpus
from radtex.errors import RecipeError
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import Recipe, load_recipe, recipe_names
from radtex.pretraining.recipe_checks import check_recipe
from radtex.pretraining.step_parts import as_begun, cut_for

BEFORE = Path(__file__).parents[1] / "data" / "before_the_move" / "run"
FITTING = {name: value for name, value in LEAN.items() if name != "micro_batches"} | {"steps": 4}
"""Overrides that leave the micro-batches to the processes."""


def asking(parts: int | None, batch: int = 64) -> Recipe:
    training = replace(Recipe().training, micro_batches=parts, batch_size=batch)
    return replace(Recipe(), training=training)


def torchrun(
    processes: int, corpus: Corpus, out: Path, options: Mapping[str, object]
) -> subprocess.CompletedProcess[str]:
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    words = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    words += ["-m", "radtex", "pretrain", str(corpus.path), "--out", str(out), "--resume", *flags]
    return subprocess.run(
        [sys.executable, *words],
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )


def cut(run: Path, copy: Path, step: int) -> Path:
    """The run as it was after `step`: later checkpoints and the result are gone."""
    shutil.copytree(run, copy)
    (copy / "model.safetensors").unlink()
    for folder in (copy / "checkpoint").glob("0*"):
        if int(folder.name) > step:
            shutil.rmtree(folder)
    assert list((copy / "checkpoint").glob("0*"))
    return copy


def kept(run: Path) -> list[bytes]:
    names = ("model.safetensors", "metrics.jsonl", "config.yaml", "tokenizer.json")
    return [(run / name).read_bytes() for name in names]


@given(st.integers(0, 6), st.integers(1, 5))
def test_by_default_each_process_has_one(exponent: int, each: int) -> None:
    count = 2**exponent
    fitted = cut_for(asking(None, batch=each * count), count)
    assert fitted.training.micro_batches == count
    check_recipe(fitted)
    assert cut_for(fitted, count) == fitted


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("processes", [1, 2, 4, 8])
def test_every_recipe_is_shared_evenly_by_so_many(name: str, processes: int) -> None:
    recipe = load_recipe(name)
    asked, batch = recipe.training.micro_batches, recipe.training.batch_size
    parts = cut_for(recipe, processes).training.micro_batches
    assert parts == (asked or processes)
    assert batch % parts == 0
    assert batch // parts >= 4, "batch-norm of so few images would be noise"


@pytest.mark.parametrize(
    ("parts", "batch", "processes", "message"),
    [
        (None, 64, 3, r"^3 processes cannot share a step evenly; start 2 or 4, "),
        (4, 64, 6, r"^6 processes cannot share a step evenly; start 4 or 8, "),
        (None, 30, 4, r"share a step of 30 images evenly; set --batch-size to a multiple of 4"),
        (None, 2, 4, r"^4 processes cannot share a step of 2 images; .* to at least 4$"),
        (4, 2, 4, r"^4 processes cannot share a step of 2 images"),
        (1, 64, 2, r"^2 processes cannot share 1 micro-batch; set --micro-batches to 2 or more"),
        (2, 64, 4, r"^4 processes cannot share 2 micro-batches; set --micro-batches to 4 or"),
    ],
)
def test_processes_that_cannot_share_a_step_are_refused(
    parts: int | None, batch: int, processes: int, message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        cut_for(asking(parts, batch), processes)


@pytest.mark.parametrize(("parts", "batch", "processes"), [(4, 64, 2), (8, 30, 4), (1, 7, 1)])
def test_a_number_that_is_given_is_kept(parts: int, batch: int, processes: int) -> None:
    assert cut_for(asking(parts, batch), processes) == asking(parts, batch)


def test_a_run_keeps_the_number_that_it_was_begun_with(tmp_path: Path) -> None:
    recipe = asking(None)
    assert as_begun(recipe, tmp_path / "none") is recipe
    assert as_begun(asking(4), BEFORE) == asking(4)
    begun = as_begun(recipe, BEFORE)
    assert begun == asking(1)
    assert cut_for(begun, 1, begun=True) == begun
    with pytest.raises(RecipeError, match=r"1 micro-batch, with which .* with at most 1 process, "):
        cut_for(begun, 2, begun=True)
    with pytest.raises(RecipeError, match=r"2 micro-batches, with .* with at most 2 processes, "):
        cut_for(asking(2), 4, begun=True)


def test_alone_the_default_is_one_micro_batch(phantom_corpus: Corpus, tmp_path: Path) -> None:
    """To the byte what it was when the recipe said so."""
    one = pretrain(
        phantom_corpus, tmp_path / "one", load_recipe(overrides=FITTING | {"micro_batches": 1})
    )
    default = pretrain(phantom_corpus, tmp_path / "default", load_recipe(overrides=FITTING))
    assert kept(default) == kept(one)
    assert "micro_batches: 1\n" in (default / "config.yaml").read_text()


@pytest.mark.soak
def test_two_begin_and_one_ends_and_the_reverse(phantom_corpus: Corpus, tmp_path: Path) -> None:
    """Without a word of micro-batches, the bytes of one process that was told two."""
    two_parts = load_recipe(overrides=FITTING | {"micro_batches": 2})
    whole = pretrain(phantom_corpus, tmp_path / "whole", two_parts)

    ended = torchrun(2, phantom_corpus, tmp_path / "two", FITTING)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"{tmp_path / 'two'}\n"
    assert kept(tmp_path / "two") == kept(whole)

    left = cut(tmp_path / "two", tmp_path / "left", 3)
    assert kept(pretrain(phantom_corpus, left, load_recipe(overrides=FITTING), resume=True)) == (
        kept(whole)
    )

    taken = cut(whole, tmp_path / "taken", 3)
    assert torchrun(2, phantom_corpus, taken, FITTING).returncode == 0
    assert kept(taken) == kept(whole)


def test_a_refusal_is_said_once(phantom_corpus: Corpus, tmp_path: Path) -> None:
    """What torchrun prints beside it is its own."""
    ended = torchrun(2, phantom_corpus, tmp_path / "run", FITTING | {"micro_batches": 1})
    assert ended.returncode != 0
    said = [line for line in ended.stderr.splitlines() if line.startswith("radtex: ")]
    assert said == [
        "radtex: 2 processes cannot share 1 micro-batch; set --micro-batches to 2 or more, or "
        "leave it out, and it fits [RTX-RECIPE]"
    ], ended.stderr
    assert not (tmp_path / "run").exists()
