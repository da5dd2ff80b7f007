"""Processes share a step, and a run goes on with another number of them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.corpus import Corpus
from radtex.pretraining.loop import skipping
from radtex.pretraining.loop.checkpoint import Checkpoints
from radtex.pretraining.loop.processes import Processes, join_processes
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe

OPTIONS: dict[str, object] = {
    "backbone": "resnet10t",
    "hidden": 16,
    "heads": 2,
    "layers": 1,
    "feedforward": 32,
    "vocabulary": 300,
    "max_tokens": 16,
    "batch_size": 8,
    "micro_batches": 2,
    "checkpoint_every": 1,
    "steps": 8,
    "precision": "float16",
    "text_policy": "sampled",
    "images_per_study": "one",
    "flip": 0.5,
    "blur": 1.0,
    "noise": 0.1,
}


def kept(run: Path) -> list[bytes]:
    names = ("model.safetensors", "metrics.jsonl", "config.yaml", "tokenizer.json")
    return [(run / name).read_bytes() for name in names]


def cut(run: Path, copy: Path, step: int) -> Path:
    """The run as it was after `step`: later checkpoints and the result are gone."""
    shutil.copytree(run, copy)
    (copy / "model.safetensors").unlink()
    for folder in (copy / "checkpoint").glob("0*"):
        if int(folder.name) > step:
            shutil.rmtree(folder)
    return copy


@given(st.integers(0, 3), st.integers(1, 5))
def test_the_shares_of_all_processes_are_the_items_in_order(exponent: int, each: int) -> None:
    count = 2**exponent
    items = list(range(count * each))
    shares = [Processes(rank, count, torch.device("cpu")).share(items) for rank in range(count)]
    assert [item for share in shares for item in share] == items
    assert {len(share) for share in shares} == {each}


def test_without_torchrun_a_process_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    values = torch.randn(3, 2)
    with join_processes() as processes:
        assert (processes.rank, processes.count, processes.first) == (0, 1, True)
        assert torch.equal(processes.gather(values), values)
        assert torch.equal(processes.sum(values), values)
        processes.wait()
    assert not Processes(1, 2, torch.device("cpu")).first


@pytest.mark.soak
def test_one_process_hands_over_to_two_and_two_to_one(
    phantom_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same bytes: no sample is lost or doubled, and steps are skipped in all or in none."""
    monkeypatch.setattr(Checkpoints, "KEPT", 9)
    monkeypatch.setattr(skipping, "FIRST_SCALE", 2.0**21)
    recipe = load_recipe("radtex-small", OPTIONS)
    whole = pretrain(phantom_corpus, tmp_path / "whole", recipe)
    lines = [json.loads(line) for line in (whole / "metrics.jsonl").read_text().splitlines()]
    skipped = [line["step"] for line in lines if "skipped" in line]
    assert {1, 2, 3} <= set(skipped)
    assert len(skipped) < 8

    two = cut(whole, tmp_path / "two", 2)
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in OPTIONS.items()]
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = ["-m", "radtex", "pretrain", str(phantom_corpus.path), "--out", str(two)]
    subprocess.run(
        [sys.executable, *torchrun, *command, "--resume", *flags],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
    )
    assert kept(two) == kept(whole)

    one = cut(two, tmp_path / "one", 7)
    assert kept(pretrain(phantom_corpus, one, recipe, resume=True)) == kept(whole)
