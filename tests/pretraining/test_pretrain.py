"""Runs, whole: exact over processes, kills and resumes; one clear line for a mistake."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from radtex.corpus.corpus import Corpus
from radtex.errors import OutputError, RecipeError, RunError
from radtex.files import sole_writer
from radtex.models.run import Run
from radtex.models.storage import load_weights
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe, recipe_names

KEPT = (
    "model.safetensors",
    "metrics.jsonl",
    "tokenizer.json",
    "config.yaml",
    "patients.txt",
    "films.safetensors",
)


def kept_bytes(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in KEPT if (run / name).exists()}


def command(corpus: Corpus, out: Path, options: dict[str, object]) -> list[str]:
    flags = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    words = ["-m", "radtex", "pretrain", str(corpus.path), "--out", str(out), "--resume"]
    return [*words, *(flag.replace("_", "-") if flag[:2] == "--" else flag for flag in flags)]


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def reference(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run of one process."""
    out = tmp_path_factory.mktemp("reference") / "run"

    subprocess.run(
        [sys.executable, *command(phantom_corpus, out, LEAN)],
        check=True,
        env=environment(),
        capture_output=True,
    )
    return out


LEAN: dict[str, object] = {
    "backbone": "resnet10t",
    "hidden": 32,
    "heads": 2,
    "feedforward": 64,
    "vocabulary": 400,
    "max_tokens": 24,
    "batch_size": 16,
    "micro_batches": 4,
    "checkpoint_every": 2,
    "steps": 9,
}


def test_two_processes_give_the_bytes_of_one(
    phantom_corpus: Corpus, reference: Path, tmp_path: Path
) -> None:
    """Gradients are summed as one tree and batch-norm follows the order of the micro-batches."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "torch.distributed.run",
            "--standalone",
            "--nproc-per-node",
            "2",
            *command(phantom_corpus, tmp_path / "run", LEAN),
        ],
        check=True,
        env=environment(),
        capture_output=True,
    )
    assert kept_bytes(tmp_path / "run") == kept_bytes(reference)


def kill_and_resume(corpus: Corpus, reference: Path, out: Path, lines: int) -> None:
    """Kill a run with SIGKILL once its metrics have `lines` lines; resume; compare the bytes."""
    words = [sys.executable, *command(corpus, out, LEAN)]
    process = subprocess.Popen(
        words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    metrics = out / "metrics.jsonl"
    while process.poll() is None:
        if metrics.exists() and metrics.read_bytes().count(b"\n") >= lines:
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    subprocess.run(words, check=True, env=environment(), capture_output=True)
    assert kept_bytes(out) == kept_bytes(reference)


@pytest.mark.parametrize("lines", [5])
def test_a_killed_run_resumes_to_the_same_bytes(
    phantom_corpus: Corpus, reference: Path, tmp_path: Path, lines: int
) -> None:
    kill_and_resume(phantom_corpus, reference, tmp_path / "run", lines)


@pytest.mark.soak
@pytest.mark.parametrize("kill", range(20))
def test_twenty_kills(phantom_corpus: Corpus, reference: Path, tmp_path: Path, kill: int) -> None:
    lines = int(np.random.default_rng(kill).integers(0, 12))
    kill_and_resume(phantom_corpus, reference, tmp_path / "run", lines)


def test_a_damaged_checkpoint_falls_back_to_the_one_before(
    phantom_corpus: Corpus, reference: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(reference, tmp_path / "run"))
    (run / "model.safetensors").unlink()
    last = sorted((run / "checkpoint").glob("0*"))[-1]
    weights = last / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    subprocess.run(
        [sys.executable, *command(phantom_corpus, run, LEAN)],
        check=True,
        env=environment(),
        capture_output=True,
    )
    assert kept_bytes(run) == kept_bytes(reference)


def test_a_finished_run_is_left_alone(phantom_corpus: Corpus, reference: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in reference.rglob("*")}
    pretrain(phantom_corpus, reference, load_recipe("radtex-small", LEAN), resume=True)
    assert {path: path.stat().st_mtime_ns for path in reference.rglob("*")} == before


def test_a_finished_run_of_other_choices_is_refused(
    phantom_corpus: Corpus, reference: Path
) -> None:
    recipe = load_recipe("radtex-small", LEAN | {"seed": 3})
    with pytest.raises(RunError, match="other choices: recipe seed 0, now 3; repeat its command"):
        pretrain(phantom_corpus, reference, recipe, resume=True)
    other = replace(phantom_corpus, info=phantom_corpus.info | {"content_hash": "1" * 64})
    with pytest.raises(RunError, match=r"corpus content_hash .*, now 11111"):
        pretrain(other, reference, load_recipe("radtex-small", LEAN), resume=True)


def test_metrics_hold_a_line_per_step_and_the_validations(reference: Path) -> None:
    lines = [json.loads(line) for line in (reference / "metrics.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "loss" in line]
    assert [line["step"] for line in steps] == list(range(1, 10))
    for line in steps:
        terms = line["forward"] + line["backward"] + line["tokens"]
        assert line["loss"] == pytest.approx(terms)
    validations = [line["val_loss"] for line in lines if "val_loss" in line]
    assert validations
    assert all(np.isfinite(validations))


def test_the_kept_weights_are_those_of_the_lowest_validation_loss(
    phantom_corpus: Corpus, tmp_path: Path
) -> None:
    """A copy is kept, not a reference: later steps, here ruinous ones, do not change it."""
    options = LEAN | {"validate_every": 1, "steps": 8, "checkpoint_every": 1}
    options |= {"learning_rate": 0.5, "warmup_steps": 0, "kept_weights": "lowest-validation-loss"}
    run = pretrain(phantom_corpus, tmp_path / "run", load_recipe("radtex-small", options))
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    losses = {line["step"]: line["val_loss"] for line in lines if "val_loss" in line}
    best = min(losses, key=lambda step: losses[step])
    progress = sorted((run / "checkpoint").glob("0*"))[-1] / "progress.json"
    assert json.loads(progress.read_text())["best_step"] == best
    assert (run / "model.safetensors").read_bytes() == (
        run / "checkpoint" / "best.safetensors"
    ).read_bytes()


def test_the_recipes_keep_the_last_weights(reference: Path) -> None:
    last = sorted((reference / "checkpoint").glob("0*"))[-1]
    assert last.name == "00000009"
    assert (reference / "model.safetensors").read_bytes() == (
        last / "model.safetensors"
    ).read_bytes()
    assert not (reference / "checkpoint" / "best.safetensors").exists()
    assert {load_recipe(name).training.kept_weights for name in recipe_names()} == {"last"}


def test_a_run_that_starts_from_another_keeps_its_weights_and_its_patients(
    phantom_corpus: Corpus, reference: Path, tmp_path: Path
) -> None:
    """Else the patients of the first run could be tested on with the second."""
    first = Path(shutil.copytree(reference, tmp_path / "first"))
    with (first / "patients.txt").open("a") as file:
        file.write("f" * 64 + "\n")
    options = LEAN | {"init": str(first), "encoder_learning_rate": 0.0, "steps": 1}
    second = pretrain(phantom_corpus, tmp_path / "run", load_recipe("radtex-small", options))
    public, kept = (Run.open(run).patients.of_keys["public"] for run in (first, second))
    assert "f" * 64 in public.pseudonyms
    assert kept == public
    for a, b in zip(
        Run.open(first).encoder().parameters(), Run.open(second).encoder().parameters(), strict=True
    ):
        assert torch.equal(a, b)
    with pytest.raises(RecipeError, match="name the same --backbone"):
        pretrain(
            phantom_corpus,
            tmp_path / "other",
            load_recipe("radtex-small", options | {"backbone": "resnet18"}),
        )


def test_the_tokenizer_has_seen_the_training_split_only(
    phantom_corpus: Corpus, tmp_path: Path
) -> None:
    for name in ("findings", "impression"):
        column = phantom_corpus.index[name].copy()
        column[phantom_corpus.index["split"] != "train"] = "qqqqq xxxxx zzzzz " * 40
        phantom_corpus.index[f"_{name}"] = phantom_corpus.index[name]
        phantom_corpus.index[name] = column
    try:
        recipe = load_recipe("radtex-small", LEAN | {"steps": 1})
        run = pretrain(phantom_corpus, tmp_path / "run", recipe)
    finally:
        for name in ("findings", "impression"):
            phantom_corpus.index[name] = phantom_corpus.index.pop(f"_{name}")
    assert "qq" not in (run / "tokenizer.json").read_text()


def test_bfloat16_trains_on_the_cpu(phantom_corpus: Corpus, tmp_path: Path) -> None:
    recipe = load_recipe("radtex-small", LEAN | {"steps": 2, "precision": "bfloat16"})
    run = pretrain(phantom_corpus, tmp_path / "run", recipe)
    losses = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert all(np.isfinite(line.get("loss", 0.0)) for line in losses)


def test_a_corpus_smaller_than_a_batch_trains(phantom_corpus: Corpus, tmp_path: Path) -> None:
    recipe = load_recipe("radtex-small", LEAN | {"batch_size": 4096, "steps": None, "epochs": 1})
    run = pretrain(phantom_corpus, tmp_path / "run", recipe)
    assert (run / "model.safetensors").exists()


def test_an_existing_folder_is_not_overwritten(phantom_corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="already exists"):
        pretrain(phantom_corpus, tmp_path, load_recipe("radtex-small", LEAN))


def test_two_trainings_of_one_run_are_refused(phantom_corpus: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with sole_writer(out), pytest.raises(OutputError, match="another process"):
        pretrain(phantom_corpus, out, load_recipe(), resume=True)
    assert not out.exists()


def test_resuming_with_another_recipe_is_refused(phantom_corpus: Corpus, reference: Path) -> None:
    run = reference
    (run / "model.safetensors").rename(run / "aside")
    try:
        with pytest.raises(RunError, match="recipe seed 0, now 3"):
            pretrain(phantom_corpus, run, load_recipe("radtex-small", LEAN | {"seed": 3}), True)
    finally:
        (run / "aside").rename(run / "model.safetensors")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"micro_batches": 3}, "power of two"),
        ({"heads": 3}, "multiple of heads"),
        ({"backbone": "resnet1O"}, "unknown backbone"),
        ({"flip": 1.5}, "expected a probability"),
        ({"noise": -0.1}, "expected at least 0"),
        ({"tokenizer": "no.json"}, "no readable tokenizer"),
    ],
)
def test_an_impossible_recipe_leaves_nothing(
    phantom_corpus: Corpus, tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        pretrain(phantom_corpus, tmp_path / "run", load_recipe("radtex-small", LEAN | options))
    assert not (tmp_path / "run").exists()


def test_a_loss_that_is_not_finite_ends_the_run(phantom_corpus: Corpus, tmp_path: Path) -> None:
    options = LEAN | {"learning_rate": 1e30, "encoder_learning_rate": 1e30, "clip": 1e30}
    recipe = load_recipe("radtex-small", options | {"optimizer": "sgd", "max_skipped": 1})
    with pytest.raises(RunError, match="not finite at step 3, after 1 skipped"):
        pretrain(phantom_corpus, tmp_path / "run", recipe)
    assert not (tmp_path / "run" / "model.safetensors").exists()


def test_a_tokenizer_file_is_copied_into_the_run(phantom_corpus: Corpus, tmp_path: Path) -> None:
    """The run stands alone: it goes on, and is read, when the file is gone."""
    file = tmp_path / "mine.json"
    Tokenizer.train(["the heart is large"] * 3, 270).save(file)
    options = LEAN | {"tokenizer": str(file), "max_tokens": 30, "micro_batches": 1, "steps": 1}
    recipe = load_recipe("radtex-small", options)
    run = pretrain(phantom_corpus, tmp_path / "run", recipe)
    whole = kept_bytes(run)
    assert whole["tokenizer.json"] == file.read_bytes()
    file.unlink()
    (run / "model.safetensors").unlink()
    assert kept_bytes(pretrain(phantom_corpus, run, recipe, resume=True)) == whole


@pytest.mark.parametrize("max_tokens", [30, 100, 256])
def test_the_context_is_the_recipes(
    phantom_corpus: Corpus, tmp_path: Path, max_tokens: int
) -> None:
    options = LEAN | {"max_tokens": max_tokens, "vocabulary": 260, "steps": 1, "batch_size": 4}
    run = pretrain(phantom_corpus, tmp_path / "run", load_recipe("radtex-small", options))
    weights = load_weights(run / "model.safetensors")
    assert weights["decoder.positions.weight"].shape == (max_tokens, 32)
    assert weights["decoder.tokens.weight"].shape == (260, 32)
