"""Graphs in int8: 8 bits where the encoder is, floats behind it, and what that costs is told."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import radtex
from radtex.corpus.corpus import Corpus
from radtex.errors import CorpusError, ProtocolError
from radtex.images.preprocessing import Preprocessing
from radtex.interchange.export import export
from radtex.interchange.int8 import films_of, quantised
from radtex.interchange.onnx_graphs import Port, draw


def test_the_encoder_is_quantised_by_channel_and_the_heads_are_not(
    kept: Path, onnx_classifier: Path
) -> None:
    corpus = Corpus.open(kept / "corpus")
    films = np.array(corpus.images[corpus.rows("pool")][:64])
    model = quantised(onnx.load(onnx_classifier / "classifier.onnx"), films)
    made = {name: node for node in model.graph.node for name in node.output}
    sizes = {each.name: tuple(each.dims) for each in model.graph.initializer}
    products = [each for each in model.graph.node if each.op_type in ("Conv", "Gemm", "MatMul")]
    weights = [made.get(each.input[1]) for each in products]
    scales = [
        sizes[each.input[1]]
        for each in weights
        if each is not None and each.op_type == "DequantizeLinear"
    ]
    assert scales
    assert all(len(scale) == 1 for scale in scales), "a scale for each channel"
    (heads,) = (each for each in products if "features" in each.input)
    weight = made.get(heads.input[1])
    assert weight is None or weight.op_type != "DequantizeLinear"
    assert [each.domain for each in model.opset_import] == [""]
    assert b".py" not in model.SerializeToString()


class NearlyDead(torch.nn.Module):
    """A convolution of which one channel has hardly a weight."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Conv2d(1, 4, 3)
        with torch.no_grad():
            self.layer.weight[0] *= 1e-9
            self.layer.bias.fill_(1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layer(images.unsqueeze(1).float()).relu().mean((2, 3))


def test_nothing_is_said_of_channels_that_hardly_weigh(caplog: pytest.LogCaptureFixture) -> None:
    images = torch.zeros(2, 16, 16, dtype=torch.uint8)
    ports = [Port("images", "")], [Port("features", "")]
    drawn = draw(NearlyDead(), [images], [{0: "N"}], *ports)
    films = np.random.default_rng(0).integers(0, 256, (16, 16, 16), dtype=np.uint8)
    caplog.clear()
    caplog.set_level("INFO")
    quantised(drawn.model, films)
    assert not caplog.records


@pytest.mark.soak
def test_an_encoder_says_how_much_its_features_change(
    hospital: Corpus, hospital_run: Path, tmp_path: Path
) -> None:
    films = f"{hospital.path}:train"
    folder = export(hospital_run, "onnx", tmp_path / "out", int8=True, calibrate=films)
    told = json.loads((folder / "export.json").read_text())["int8"]
    test = np.array(hospital.images[hospital.rows("test")])
    session = onnxruntime.InferenceSession(folder / "encoder.onnx")
    (found,) = session.run(["features"], {"images": test})
    expected = radtex.load(hospital_run).encode(test)
    change = np.abs(found - expected).mean()
    assert 0 < change < 0.1 * np.abs(expected).mean()
    assert told["mean_change"] == pytest.approx(change, rel=0.5)
    assert told["of"] == "features"
    assert told["corpus"] == hospital.content_hash
    assert told["calibrated_on"] - told["held_out"] in (0, 1)


def test_every_second_film_of_a_split_calibrates(phantom_corpus: Corpus) -> None:
    films = films_of(f"{phantom_corpus.path}:train", Preprocessing(64, "crop"))
    rows = phantom_corpus.rows("train")
    assert (films.calibrate == phantom_corpus.images[rows[::2]]).all()
    assert (films.held_out == phantom_corpus.images[rows[1::2]]).all()
    assert (films.known == phantom_corpus.images[rows]).all()
    people = phantom_corpus.patients[rows]
    pairs = set(zip(films.patients, people, strict=True))
    assert len(set(films.patients)) == len(set(people)) == len(pairs)
    assert films.splits == ("train",)
    assert films_of(str(phantom_corpus.path), Preprocessing(32)).calibrate.shape[1:] == (32, 32)


def test_too_few_or_too_small_films_are_refused(phantom_corpus: Corpus) -> None:
    with pytest.raises(ProtocolError, match="build the corpus with --size 128"):
        films_of(str(phantom_corpus.path), Preprocessing(128))
    with pytest.raises(CorpusError, match="at least 16 are needed"):
        films_of(f"{phantom_corpus.path}:validate", Preprocessing(64))


def test_films_must_be_named_for_int8_and_for_it_alone(writing_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="name them by --calibrate"):
        export(writing_run, "onnx", tmp_path / "out", int8=True)
    with pytest.raises(ProtocolError, match="which was not given"):
        export(writing_run, "onnx", tmp_path / "out", calibrate="corpus")
    with pytest.raises(ProtocolError, match="--int8 is an option of --to onnx, not of --to timm"):
        export(writing_run, "timm", tmp_path / "out", int8=True)
    assert not any(tmp_path.iterdir())
