"""`radtex generate` and `radtex ask` as a user types them."""

import json
from pathlib import Path

import pytest
from PIL import Image

from fixtures.commands import Radtex
from radtex.corpus.corpus import Corpus


@pytest.fixture
def film(phantom_corpus: Corpus, tmp_path: Path) -> Path:
    path = tmp_path / "film.jpg"
    Image.fromarray(phantom_corpus.images[0]).save(path)
    return path


@pytest.mark.parametrize(
    "how",
    [
        ["--prompt", "There is", "--beam", "3", "--length-penalty", "0.6", "--rerank"],
        ["--prompt", "There is", "--no-repeat", "2", "--min-tokens", "20"],
        ["--prompt", "There is", "--consistent"],
        ["--prompt", "There is", "--nucleus", "0.9", "--temperature", "0.7", "--seed", "3"],
    ],
)
def test_generate_writes_a_line_per_film(
    radtex_command: Radtex, writing_run: Path, film: Path, tmp_path: Path, how: list[str]
) -> None:
    out = tmp_path / "reports.jsonl"
    ended = radtex_command("generate", writing_run, film, "nowhere.png", *how, "--out", out)
    assert ended.status == 0
    assert ended.out == f"{out}\n"
    first, second = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert first["text"].startswith("there is")
    assert "error" in second


def test_ask_prints_a_probability(radtex_command: Radtex, writing_run: Path, film: Path) -> None:
    header, row = radtex_command("ask", writing_run, film, "pleural effusion").out.splitlines()
    assert header.split() == ["image_id", "pleural", "effusion"]
    name, probability = row.split()
    assert name == str(film)
    assert 0 < float(probability) < 1


def test_ask_prints_the_auc_of_each_target_of_a_corpus(
    radtex_command: Radtex, writing_run: Path, phantom_corpus: Corpus
) -> None:
    words = ["ask", writing_run, "--corpus", phantom_corpus.path, "--targets", "chexpert5"]
    printed = radtex_command(*words, "--split", "pool").out
    assert printed.split()[:6] == ["target", "positive", "negative", "auc", "low", "high"]
    assert "Pleural Effusion" in printed
    assert "Zero-shot AUC on pool" in printed


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["generate", "RUN", "--out", "o"], 1, "name either image files or a --corpus"),
        (["generate", "nowhere", "a.png", "--out", "o"], 1, "does not exist"),
        (["generate", "RUN", "a.png", "--out", "o", "--beam", "0"], 2, "Must be >= 1"),
        (["generate", "RUN", "a.png", "--out", "o", "--beam", "2", "--nucleus", "1"], 1, "choose"),
        (["generate", "RUN", "a.png", "--out", "o"], 1, "none of the 1 images could be read"),
        (["ask", "RUN"], 1, "name a finding"),
    ],
)
def test_a_mistake_is_told_and_leaves_nothing(
    radtex_command: Radtex,
    monkeypatch: pytest.MonkeyPatch,
    writing_run: Path,
    tmp_path: Path,
    words: list[str],
    status: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = radtex_command(*(writing_run if word == "RUN" else word for word in words))
    assert ended.status == status
    assert ended.out == ""
    assert message in ended.err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_ask_says_an_unknown_word(radtex_command: Radtex, writing_run: Path, film: Path) -> None:
    ended = radtex_command("ask", writing_run, film, "pneumnia")
    assert ended.status == 1
    assert 'did you mean "pneumonia"?' in ended.err
