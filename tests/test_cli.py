"""The commands as a user types them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import radtex
from radtex import cli
from radtex.corpus.corpus import Corpus


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["radtex", *words])
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("line")


def test_the_line_from_corpus_to_evidence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    corpus, read, labelled, out = (str(folder / n) for n in ("c", "read", "labelled", "evidence"))
    build = ["corpus", "build", "phantom", "--studies", "400", "--size", "64", "--out", corpus]
    assert run(monkeypatch, *build) == 0
    assert "400  rows kept" in capsys.readouterr().out
    assert run(monkeypatch, "corpus", "describe", corpus, "--sheet", str(folder / "s.png")) == 0
    assert (folder / "s.png").read_bytes().startswith(b"\x89PNG")
    short = ["--backbone", "resnet10t", "--steps", "3", "--batch-size", "16", "--seed", "1"]
    decoder = ["--hidden", "32", "--heads", "2", "--vocabulary", "400"]
    assert run(monkeypatch, "pretrain", corpus, "--out", read, *short, *decoder) == 0
    rival = ["--recipe", "supervised-small", "--targets", "radtex9"]
    assert run(monkeypatch, "pretrain", corpus, "--out", labelled, *short, *rival) == 0
    capsys.readouterr()
    words = ["transfer", corpus, "--encoders", "random", f"radtex={read}", labelled]
    words += ["--targets", "Cardiomegaly", "Pleural Effusion", "--budgets", "20", "40"]
    assert run(monkeypatch, *words, "--repeats", "3", "--out", out) == 0
    table = capsys.readouterr().out
    assert all(name in table for name in ("random", "radtex", "labelled", "Label policy paper"))
    summary = json.loads((folder / "evidence" / "summary.json").read_text())
    assert set(summary["mean_auc"]) == {"random", "radtex", "labelled"}
    assert set(summary["mean_auc"]["radtex"]) == {"20", "40"}
    assert len(summary["paired"]) == 3 * 2
    primary = {(p["a"], p["b"]) for p in summary["paired"] if p["family"] == "primary"}
    assert primary == {("radtex", "labelled")}
    for name in ("results.csv", "curve.png", "report.html"):
        assert (folder / "evidence" / name).stat().st_size > 0
    assert run(monkeypatch, "runs", str(folder)) == 0
    labelled_row, read_row = capsys.readouterr().out.splitlines()[1:]
    assert labelled_row.split()[:4] == ["labelled", "finished", "supervised", "resnet10t"]
    assert read_row.split()[:3] == ["read", "finished", "bicaptioning"]
    assert "evidence: " in read_row
    assert run(monkeypatch, "runs", str(folder), "--json") == 0
    assert [r["steps_done"] for r in json.loads(capsys.readouterr().out)] == [3, 3]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["corpus", "build", "nothing", "x", "--out", "o"], 1, "the sources are: chexpert, "),
        (["corpus", "build", "phantom", "--out", "o"], 1, "needs studies"),
        (["corpus", "build", "phantom", "--studies", "0", "--out", "o"], 2, "Must be >= 1"),
        (["corpus", "describe", "nowhere"], 1, "is no corpus"),
        (["pretrain", "nowhere", "--out", "o"], 1, "is no corpus"),
        (["pretrain", "nowhere", "--out", "o", "--epochs"], 2, "requires an argument"),
        (["transfer", "c:pool", "--targets", "a", "--out", "o"], 2, "--encoders"),
        (["fly"], 2, "fly"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    words: list[str],
    status: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, *words) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_recipe_field_that_does_not_exist_is_refused_with_a_suggestion(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    phantom_corpus: Corpus,
    tmp_path: Path,
) -> None:
    words = ["pretrain", str(phantom_corpus.path), "--out", str(tmp_path / "r"), "--lerning-rate"]
    assert run(monkeypatch, *words, "1") == 1
    assert "did you mean 'learning_rate'" in capsys.readouterr().err


def test_an_interrupted_command_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("radtex.demo.run_demo", interrupted)
    assert run(monkeypatch, "demo") == 130
    assert capsys.readouterr().err == (
        "radtex: interrupted; pretrain goes on with --resume; corpus build, fetch, demo and "
        "fine-tuning when repeated\n"
    )


def test_the_command_line_starts_without_torch() -> None:
    code = "import sys, radtex.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_public_names_are_there() -> None:
    assert all(getattr(radtex, name) for name in radtex.__all__)
    with pytest.raises(AttributeError):
        _ = radtex.nothing
