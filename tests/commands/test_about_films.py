"""What Python may ask about films: the same answers as the commands give."""

import json
from pathlib import Path

import pytest
from PIL import Image

import radtex
from radtex.classifiers.classifier import load_classifier
from radtex.classifiers.predict import predict as as_text
from radtex.corpus.corpus import Corpus
from radtex.errors import OutputError, RunError


@pytest.fixture
def film(phantom_corpus: Corpus, tmp_path: Path) -> Path:
    Image.fromarray(phantom_corpus.images[0]).save(tmp_path / "film.png")
    return tmp_path / "film.png"


def test_predictions_are_a_table_and_a_file(kept: Path, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.json"
    found = radtex.predict(str(kept / "classifier"), film, answer_all=True, out=str(out))
    frame = found.frame()
    assert repr(found) == "<Predictions: 1 images; Edema, Effusion>"
    assert str(film) in str(found)
    assert list(frame["image"]) == [str(film)]
    said = as_text(kept / "classifier", [str(film)], "json", answer_all=True)
    assert json.loads(out.read_text()) == json.loads(said)
    assert frame["Edema"][0] == json.loads(said)[0]["probabilities"]["Edema"]
    with pytest.raises(OutputError, match="already exists"):
        radtex.predict(kept / "classifier", [film], out=out)


def test_reports_are_written(writing_run: Path, film: Path, tmp_path: Path) -> None:
    out = radtex.generate(str(writing_run), str(film), out=str(tmp_path / "r.jsonl"), beams=2)
    (line,) = out.read_text().splitlines()
    assert json.loads(line)["image_id"] == str(film)
    with pytest.raises(TypeError, match="beam"):
        radtex.generate(writing_run, film, out=tmp_path / "other.jsonl", beam=2)


def test_questions_are_answered(writing_run: Path, phantom_corpus: Corpus, film: Path) -> None:
    assert repr(radtex.load(writing_run)).endswith("features, and writes reports>")
    answers = radtex.ask(writing_run, film, "nodule")
    assert list(answers.probabilities.columns) == ["image_id", "nodule"]
    assert answers.auc is None
    assert repr(answers) == "<Answers: 1 images>"
    on_corpus = radtex.ask(writing_run, findings=["Cardiomegaly"], corpus=phantom_corpus.path)
    assert on_corpus.auc is not None
    assert list(on_corpus.auc["target"]) == ["Cardiomegaly"]
    assert "Zero-shot AUC on test" in str(on_corpus)
    with pytest.raises(RunError, match="one of both"):
        radtex.ask(writing_run, film, "nodule", corpus=phantom_corpus.path)


def test_a_film_is_explained(writing_run: Path, kept: Path, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "explained.png"
    assert radtex.explain(str(writing_run), str(film), out=str(out), text="Clear lungs.")
    assert out.read_bytes().startswith(b"\x89PNG")
    assert repr(load_classifier(kept / "classifier")) == (
        "<Classifier: Edema, Effusion; test_resnet, 64 px>"
    )
    told = radtex.explain(kept / "classifier", film, out=tmp_path / "t.png", target="Edema")
    assert "Edema" in told
