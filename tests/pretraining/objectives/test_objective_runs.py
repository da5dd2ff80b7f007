"""Each rival from the command line to an encoder for transfer, interrupted or not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import radtex
from radtex import cli
from radtex.corpus.corpus import Corpus
from radtex.errors import RunError
from radtex.models.storage import resolve_encoder

RIVALS = {
    "captioning": True,
    "masked": False,
    "contrastive": False,
    "contrastive-captioning": True,
    "token-classification": False,
}
"""Whether a run of the rival can write reports."""

LEAN = {
    "backbone": "resnet10t",
    "hidden": 32,
    "heads": 2,
    "feedforward": 64,
    "vocabulary": 400,
    "max-tokens": 24,
    "batch-size": 16,
    "micro-batches": 2,
    "checkpoint-every": 1,
    "validate-every": 2,
    "steps": 3,
}


def words(corpus: Corpus, rival: str, out: Path) -> list[str]:
    flags = [word for name, value in LEAN.items() for word in (f"--{name}", str(value))]
    recipe = ["--recipe", f"{rival}-small", *flags]
    return ["pretrain", str(corpus.path), "--out", str(out), "--resume", *recipe]


def kept_by(command: list[str], monkeypatch: pytest.MonkeyPatch, run: Path) -> list[bytes]:
    """What a run keeps after a command."""
    monkeypatch.setattr(sys, "argv", ["radtex", *command])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    return kept(run)


def kept(run: Path) -> list[bytes]:
    return [(run / name).read_bytes() for name in ("model.safetensors", "metrics.jsonl")]


@pytest.mark.parametrize("rival", RIVALS)
def test_a_rival_trains_resumes_and_serves_as_an_encoder(
    rival: str, phantom_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, resumed = tmp_path / "run", tmp_path / "resumed"
    whole = kept_by(words(phantom_corpus, rival, run), monkeypatch, run)
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == [1, 2, 3]
    assert all(np.isfinite(list(line.values())).all() for line in lines)

    shutil.copytree(run, resumed)
    (resumed / "model.safetensors").unlink()
    shutil.rmtree(resumed / "checkpoint" / "00000003")
    assert kept_by(words(phantom_corpus, rival, resumed), monkeypatch, resumed) == whole

    levels = (phantom_corpus.mean, phantom_corpus.std)
    assert resolve_encoder(str(run), "resnet50", 224, levels, seed=0).objective == rival
    model = radtex.load(run)
    assert np.isfinite(model.encode(phantom_corpus.images[:2])).all()
    if RIVALS[rival]:
        assert len(model.report(phantom_corpus.images[:2])) == 2
    else:
        with pytest.raises(RunError, match="this run cannot write"):
            model.report(phantom_corpus.images[:2])


def test_two_processes_contrast_the_same_pairs_as_one(
    phantom_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the byte: both passes over a part draw alike, whichever process they are in."""
    rival, one, two = "contrastive-captioning", tmp_path / "one", tmp_path / "two"
    alone = kept_by(words(phantom_corpus, rival, one), monkeypatch, one)
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    subprocess.run(
        [sys.executable, *torchrun, "-m", "radtex", *words(phantom_corpus, rival, two)],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
    )
    assert kept(two) == alone
