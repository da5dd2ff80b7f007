"""Graphs in int8: 8 bits where the encoder is, floats behind it, and what that costs is told."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from radtex.classifiers.classifier import load_classifier
from radtex.classifiers.onnx_classifier import load_onnx_classifier
from radtex.corpus.corpus import Corpus
from radtex.errors import CorpusError, ProtocolError
from radtex.images.preprocessing import Preprocessing
from radtex.interchange.export import export
from radtex.interchange.int8 import films_of


@pytest.fixture(scope="module")
def int8_classifier(kept: Path) -> Path:
    """The classifier of `kept` in int8, calibrated by its own pool."""
    films = f"{kept / 'corpus'}:pool"
    return export(kept / "classifier", "onnx", kept / "int8", int8=True, calibrate=films)


def test_the_encoder_is_quantised_by_channel_and_the_heads_are_not(int8_classifier: Path) -> None:
    graph = onnx.load(int8_classifier / "classifier.onnx").graph
    kinds = [node.op_type for node in graph.node]
    assert kinds.count("QuantizeLinear") > 1
    made = {name: node for node in graph.node for name in node.output}
    sizes = {each.name: tuple(each.dims) for each in graph.initializer}
    weights = [
        made[node.input[1]]
        for node in graph.node
        if node.op_type in ("Conv", "Gemm", "MatMul")
        if node.input[1] in made and made[node.input[1]].op_type == "DequantizeLinear"
    ]
    assert any(sizes[node.input[1]] != () for node in weights), "a scale for each channel"
    for node in graph.node:
        if node.op_type == "MatMul" and "features" in node.input:
            assert node.input[1] not in made or made[node.input[1]].op_type != "DequantizeLinear"


def test_it_answers_nearly_as_in_floats_and_says_how_nearly(
    kept: Path, int8_classifier: Path
) -> None:
    corpus = Corpus.open(kept / "corpus")
    films = np.array(corpus.images[corpus.rows("test")])
    probabilities, _ = load_onnx_classifier(int8_classifier).answer(films)
    expected, _ = load_classifier(kept / "classifier").answer(films)
    told = json.loads((int8_classifier / "export.json").read_text())["int8"]
    assert 0 < np.abs(probabilities - expected).mean() < 0.05
    assert told["mean_change"] == pytest.approx(np.abs(probabilities - expected).mean(), abs=0.02)
    assert told["calibrated_on"] - told["held_out"] in (0, 1)
    assert told["held_out"] > 100
    assert told["corpus"] == corpus.content_hash
    assert 0 <= told["refused_in_floats"] <= 0.1


def test_every_second_film_of_a_split_calibrates(phantom_corpus: Corpus) -> None:
    films = films_of(f"{phantom_corpus.path}:train", Preprocessing(64, "crop"))
    rows = phantom_corpus.rows("train")
    assert (films.calibrate == phantom_corpus.images[rows[::2]]).all()
    assert (films.held_out == phantom_corpus.images[rows[1::2]]).all()
    assert films.splits == ("train",)
    assert films_of(str(phantom_corpus.path), Preprocessing(32)).calibrate.shape[1:] == (32, 32)


def test_too_few_or_too_small_films_are_refused(phantom_corpus: Corpus) -> None:
    with pytest.raises(ProtocolError, match="build the corpus with --size 128"):
        films_of(str(phantom_corpus.path), Preprocessing(128))
    with pytest.raises(CorpusError, match="at least 16 are needed"):
        films_of(f"{phantom_corpus.path}:validate", Preprocessing(64))


def test_a_run_names_no_pool_so_films_must_be_named(writing_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="name films by --calibrate"):
        export(writing_run, "onnx", tmp_path / "out", int8=True)
    with pytest.raises(ProtocolError, match="which was not given"):
        export(writing_run, "onnx", tmp_path / "out", calibrate="corpus")
    with pytest.raises(ProtocolError, match="--int8 is an option of --to onnx, not of --to timm"):
        export(writing_run, "timm", tmp_path / "out", int8=True)
    assert not any(tmp_path.iterdir())
