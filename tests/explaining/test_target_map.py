"""From a head and a film to a map, a picture and a sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file
from scipy.special import expit

import radtex
from radtex.classifiers.abstention import Abstention
from radtex.classifiers.classifier import Classifier, Target, load_classifier, write_classifier
from radtex.classifiers.familiarity import fit_familiarity
from radtex.classifiers.platt import Platt
from radtex.classifiers.predict import predict
from radtex.compute.seeding import seeded
from radtex.corpus.corpus import Corpus
from radtex.errors import ImageError, OutputError, RecipeError, RunError
from radtex.explaining.grad_cam import grad_cam
from radtex.explaining.target_map import explain_target
from radtex.images import Preprocessing, fit
from radtex.models.encoder import Encoder, pool
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolve import resolve_encoder
from radtex.models.run import Run
from radtex.models.storage import load_weights
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe
from radtex.statistics.thresholds import Thresholds


@pytest.fixture(scope="module")
def run(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"backbone": "test_resnet", "steps": 2, "targets": ["Edema", "Cardiomegaly"]}
    out = tmp_path_factory.mktemp("runs") / "supervised"
    return pretrain(phantom_corpus, out, load_recipe("supervised-small", options))


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three heads: Edema, its opposite Clear, and Nothing, whose weights are 0."""
    folder = tmp_path_factory.mktemp("classifier")
    with seeded(0):
        encoder = Encoder("test_resnet", 64).eval()
        direction = torch.randn(encoder.width)
        familiarity = fit_familiarity(torch.randn(8, encoder.width))
    targets = tuple(
        Target(name, Platt(2.0, -0.5), Thresholds(0.4, 0.2))
        for name in ("Edema", "Clear", "Nothing")
    )
    write_classifier(
        folder,
        Classifier(
            encoder=encoder,
            takes=EncoderInput(64, 120.0, 50.0),
            preprocessing=Preprocessing(64),
            targets=targets,
            weights=torch.stack([direction, -direction, torch.zeros_like(direction)]),
            intercepts=torch.tensor([0.1, -0.1, 0.0]),
            abstention=Abstention(familiarity, 1e-9, 8),
        ),
        {},
    )
    return folder


@pytest.fixture(scope="module")
def film(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "film.png"
    Image.fromarray(np.pad(phantom_corpus.images[0], ((0, 0), (10, 26)))).save(path)
    return path


def test_the_head_of_a_run_is_explained(run: Path, film: Path, tmp_path: Path) -> None:
    out, arrays = tmp_path / "a.png", tmp_path / "a.npz"
    text = explain_target(run, film, "Cardiomegaly", out, arrays)
    weights = load_weights(run / "model.safetensors")
    model = radtex.load(run)
    pixels = fit(np.asarray(Image.open(film)), 64)[None]
    ready = model.takes.prepare(pixels)
    with torch.no_grad():
        features = pool(model.encoder(ready))[0]
    row = Run.open(run).targets.index("Cardiomegaly")
    probability = expit(float(features @ weights["head.weight"][row] + weights["head.bias"][row]))
    assert text.startswith(f"Cardiomegaly: probability {probability:.3f}, by the head of the run")
    assert Image.open(out).format == "PNG"
    with np.load(arrays) as stored:
        assert float(stored["probability"]) == pytest.approx(probability, rel=1e-4)
        assert str(stored["text"]) == text
        assert str(stored["target"]) == "Cardiomegaly"
        assert int(stored["stride"]) == 16
        assert tuple(stored["shape"]) == (64, 100)
        assert tuple(stored["extent"]) == (0, 100, 82, -18)
        expected = grad_cam(model.encoder, ready, weights["head.weight"][row], 16)[0]
        np.testing.assert_allclose(stored["map"], expected, rtol=1e-5)
        assert stored["map"].shape == (4, 4)


def test_a_classifier_says_what_predict_says(classifier: Path, film: Path, tmp_path: Path) -> None:
    loaded = load_classifier(classifier)
    pixels = fit(np.asarray(Image.open(film)), 64)[None]
    probability = loaded.probabilities(loaded.features(pixels))[0]
    maps = []
    for place, name in enumerate(("Edema", "Clear")):
        arrays = tmp_path / f"{name}.npz"
        text = explain_target(classifier, film, name, tmp_path / f"{name}.png", arrays, stride=16)
        answer = "present" if probability[place] >= 0.4 else "absent"
        assert text.startswith(
            f"{name}: probability {probability[place]:.3f}, threshold 0.400: {answer}. "
            "The classifier abstains: unlike the radiographs"
        )
        with np.load(arrays) as stored:
            maps.append(stored["map"])
            assert int(stored["stride"]) == 16
    assert all(heat.max() > 0 for heat in maps)
    assert not ((maps[0] > 0) & (maps[1] > 0)).any()  # what speaks for one speaks against the other


def test_a_classifier_on_a_resized_bicubic_encoder_says_what_predict_says(
    put: Callable[[str], Path], film: Path, tmp_path: Path
) -> None:
    network = timm.create_model("test_vit")
    save_file(network.state_dict(), put("timm/test_vit.r160_in1k") / "model.safetensors")
    foreign = resolve_encoder("timm:test_vit.r160_in1k", "", EncoderInput(64, 0.0, 1.0), 0)
    assert foreign.takes.size == 160
    assert foreign.takes.interpolation == "bicubic"
    grey = fit(np.asarray(Image.open(film)), 64)[None]
    bilinear = replace(foreign.takes, interpolation="bilinear")
    with torch.no_grad():
        features, other = (
            pool(foreign.encoder(takes.prepare(grey)))[0] for takes in (foreign.takes, bilinear)
        )
    # A head on which the two ways of resizing differ most.
    direction = (features - other) / (features - other).square().sum()
    kept = Classifier(
        encoder=foreign.encoder,
        takes=foreign.takes,
        preprocessing=Preprocessing(64),
        targets=(Target("Edema", Platt(1.0, 0.0), Thresholds(0.5, 0.5)),),
        weights=direction[None],
        intercepts=-(direction @ features)[None],
        abstention=Abstention(fit_familiarity(torch.randn(8, len(features))), 1e9, 8),
    )
    folder = tmp_path / "classifier"
    folder.mkdir()
    write_classifier(folder, kept, {})
    (said,) = json.loads(predict(folder, [str(film)], "json"))
    assert said["probabilities"]["Edema"] == pytest.approx(0.5, abs=1e-4)
    text = explain_target(folder, film, "Edema", tmp_path / "a.png", tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as stored:
        assert float(stored["probability"]) == pytest.approx(said["probabilities"]["Edema"])
    assert text.startswith(f"Edema: probability {said['probabilities']['Edema']:.3f}, ")


def test_where_nothing_speaks_for_the_target_no_map_is_drawn(
    classifier: Path, film: Path, tmp_path: Path
) -> None:
    arrays = tmp_path / "n.npz"
    explain_target(classifier, film, "Nothing", tmp_path / "n.png", arrays)
    assert Image.open(tmp_path / "n.png").format == "PNG"
    with np.load(arrays) as stored:
        assert (stored["map"] == 0).all()


def test_what_cannot_be_explained_leaves_nothing(
    run: Path, writing_run: Path, classifier: Path, film: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.png"
    cases = [
        (RunError, "has no target 'Hernia'; its targets are:", (run, film, "Hernia")),
        (RunError, "has no target 'edema'; its targets are: Edema", (classifier, film, "edema")),
        (RunError, "none, for it did not learn", (writing_run, film, "Edema")),
        (RunError, "is no run", (tmp_path, film, "Edema")),
        (ImageError, "does not exist", (classifier, tmp_path / "none.png", "Edema")),
    ]
    for kind, message, words in cases:
        with pytest.raises(kind, match=message):
            explain_target(*words, out)
    with pytest.raises(RecipeError, match="no layer of 5 pixels"):
        explain_target(classifier, film, "Edema", out, stride=5)
    assert not any(tmp_path.iterdir())
    out.write_bytes(b"mine")
    with pytest.raises(OutputError, match="already exists"):
        explain_target(classifier, film, "Edema", out)
    assert out.read_bytes() == b"mine"
