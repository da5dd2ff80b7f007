"""What earlier versions wrote still opens, and says what it said then."""

import hmac
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import radtex
from radtex import cli
from radtex.models.run import Run

KEPT = Path(__file__).parent / "data" / "before_the_move"
TARGETS = ("Support Devices", "Pleural Effusion")
ROUNDING = 1e-4
"""Processors differ in the last digits of a network's features."""
SMALL = [
    "--recipe",
    "bicaptioning-small",
    "--backbone",
    "test_convnext",
    "--hidden",
    "16",
    "--heads",
    "2",
    "--feedforward",
    "32",
    "--vocabulary",
    "300",
    "--max-tokens",
    "24",
    "--batch-size",
    "8",
    "--steps",
    "4",
    "--seed",
    "1",
]
"""How the kept run was pretrained."""


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the kept files, and the working directory."""
    folder = tmp_path / "kept"
    shutil.copytree(KEPT, folder)
    monkeypatch.chdir(folder)


def radtex_command(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["radtex", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code


def test_a_kept_corpus_opens() -> None:
    corpus = radtex.Corpus.open("corpus")
    assert corpus.images.shape == (420, 64, 64)
    assert len(corpus.rows("test")) > 50
    assert corpus.content_hash == json.loads(Path("corpus/corpus.json").read_text())["content_hash"]


def test_kept_runs_load_and_read_films() -> None:
    corpus = radtex.Corpus.open("corpus")
    reader, classifier = radtex.load("run"), radtex.load("supervised")
    for model in (reader, classifier):
        features = model.encode(corpus.images[:3])
        assert features.shape == (3, model.encoder.width)
        assert np.isfinite(features).all()
    assert len(reader.report(corpus.images[:2])) == 2


def test_a_kept_run_is_finished_and_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in Path("run").iterdir()}
    words = ["pretrain", "corpus", "--out", "run", *SMALL, "--resume"]
    radtex_command(monkeypatch, *words)
    assert {path.name: path.read_bytes() for path in Path("run").iterdir()} == before


def test_a_kept_run_is_pretrained_to_the_same_weights_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = ["--word-patients", "1"]
    radtex_command(monkeypatch, "pretrain", "corpus", "--out", "again", *SMALL, *words)
    assert Path("again/tokenizer.json").read_bytes() == Path("run/tokenizer.json").read_bytes()
    then, now = (Run.open(run).patients.of_keys for run in ("run", "again"))
    secret = b"patients of public archives"
    assert now["public"].pseudonyms == {
        hmac.new(secret, each.encode(), "sha256").hexdigest() for each in then["none"].pseudonyms
    }
    before, after = (
        [json.loads(line) for line in (Path(run) / "metrics.jsonl").read_text().splitlines()]
        for run in ("run", "again")
    )
    assert [line.get("loss") for line in after] == pytest.approx(
        [line.get("loss") for line in before], abs=ROUNDING
    )


def test_a_kept_classifier_predicts_what_it_did(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["predict", "classifier", "film.png", "--format", "json", "--answer-all"]
    radtex_command(monkeypatch, *words)
    (now,) = json.loads(capsys.readouterr().out)
    (then,) = json.loads(Path("predicted.json").read_text())
    assert now["probabilities"] == pytest.approx(then["probabilities"], abs=ROUNDING)
    assert now["distance"] == pytest.approx(then["distance"], abs=ROUNDING)
    blank = {"study": "", "patient": "", "accession": ""}  # said since
    assert {**now, "probabilities": None, "distance": None} == {
        **then,
        **blank,
        "probabilities": None,
        "distance": None,
    }


def test_kept_evidence_comes_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["transfer", "corpus", "--encoders", "random", "radtex=run", "supervised"]
    words += ["--targets", *TARGETS, "--budgets", "20", "40", "--repeats", "3", "--out", "again"]
    words.append("--no-pixels")
    radtex_command(monkeypatch, *words)
    then, now = (pd.read_csv(Path(folder) / "results.csv") for folder in ("evidence", "again"))
    assert now.drop(columns="auc").equals(then.drop(columns="auc"))
    assert np.abs(now["auc"] - then["auc"]).max() < 0.02  # a film may change places with another
    before, after = (
        json.loads((Path(folder) / "summary.json").read_text()) for folder in ("evidence", "again")
    )
    assert set(before) <= set(after)
    assert set(before["protocol"]) <= set(after["protocol"])
    for part in ("sampling", "prevalence", "budget", "targets", "budgets", "label_policy", "seed"):
        assert after["protocol"][part] == before["protocol"][part]


def test_a_kept_run_is_not_tested_on_its_own_patients(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["transfer", "corpus:train", "--test", "corpus:test", "--encoders", "radtex=run"]
    words += ["--targets", *TARGETS, "--budgets", "20", "--repeats", "1", "--out", "again"]
    monkeypatch.setattr(sys, "argv", ["radtex", *words])
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert "patients are both in the training of radtex and in the pool" in capsys.readouterr().err


def test_kept_runs_and_evidence_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    radtex_command(monkeypatch, "runs", ".")
    _, run, supervised = capsys.readouterr().out.splitlines()
    assert run.split()[:3] == ["run", "finished", "bicaptioning"]
    assert run.endswith("evidence: 0.580 at 20, 0.598 at 40")
    assert supervised.split()[:3] == ["supervised", "finished", "supervised"]


def test_kept_reports_are_scored_and_films_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    radtex_command(monkeypatch, "score", "reports.jsonl", "--replicates", "20")
    assert "BLEU-4" in capsys.readouterr().out
    radtex_command(monkeypatch, "explain", "run", "film.png", "--out", "report.png")
    for path in ("classifier", "supervised"):
        out = f"{path}.png"
        words = ["explain", path, "film.png", "--target", TARGETS[1], "--out", out]
        radtex_command(monkeypatch, *words)
        assert Path(out).read_bytes().startswith(b"\x89PNG")
