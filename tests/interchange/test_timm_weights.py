"""What timm loads: the very lines of the README give the features that radtex gives."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

import radtex
from radtex.classifiers.classifier import load_classifier
from radtex.corpus.corpus import Corpus
from radtex.images.preprocessing import Preprocessing
from radtex.interchange.export import export
from radtex.interchange.original import Original
from radtex.interchange.timm_weights import write
from radtex.models.encoder import Encoder, pool
from radtex.models.encoder_input import EncoderInput


def features_by_readme(folder: Path, images: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    (code,) = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.S)
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    exec(code, names)
    return names["encode"](torch.tensor(images)).numpy()


def test_the_lines_of_a_runs_readme_give_its_features(
    writing_run: Path, phantom_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = export(writing_run, "timm", tmp_path / "timm")
    found = features_by_readme(folder, phantom_corpus.images, monkeypatch)
    expected = radtex.load(writing_run).encode(phantom_corpus.images)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_lines_of_a_classifiers_readme_give_its_features(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = export(kept / "classifier", "timm", tmp_path / "timm")
    images = Corpus.open(kept / "corpus").images[:20]
    found = features_by_readme(folder, images, monkeypatch)
    expected = load_classifier(kept / "classifier").features(images).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("backbone", "size"),
    [
        ("test_vit", 160),
        ("test_convnext", 64),
        ("swin_tiny_patch4_window7_224", 224),
        ("test_efficientnet", 64),
    ],
)
def test_networks_of_every_layout_are_read_by_their_lines(
    backbone: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    encoder = Encoder(backbone, size).eval()
    takes = EncoderInput(size, 120.0, 60.0, "bicubic")
    write(Original(tmp_path, encoder, takes, Preprocessing(72), "0" * 64), tmp_path)
    images = np.random.default_rng(0).integers(0, 256, (2, 72, 72), dtype=np.uint8)
    found = features_by_readme(tmp_path, images, monkeypatch)
    with torch.inference_mode():
        expected = pool(encoder(takes.prepare(images))).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)
