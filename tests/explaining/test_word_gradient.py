"""The gradient of words against a loop over words and directions, one image at a time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import radtex
from radtex.corpus.corpus import Corpus
from radtex.explaining.pointing_game import localise
from radtex.explaining.report_map import explain
from radtex.explaining.word_gradient import word_gradient
from radtex.models.pretrained import PretrainedModel
from radtex.models.tokenizer import START

TEXT = "Moderate cardiomegaly. No edema. Small left pleural effusion."


@pytest.fixture(scope="module")
def run(run_of_context: Callable[[int], Path]) -> Path:
    return run_of_context(300)


def naive(
    model: PretrainedModel, image: np.ndarray, text: list[int], words: np.ndarray
) -> np.ndarray:
    """For a network with a layer of 16 pixels per cell, read from the definition."""
    decoder, _ = model.writer()
    info = {each["reduction"]: each["module"] for each in model.encoder.network.feature_info}
    kept = []
    hook = model.encoder.network.get_submodule(info[16]).register_forward_hook(
        lambda _module, _inputs, output: kept.append(output)
    )
    pixels = model.takes.prepare(image[None])
    grid = model.encoder(pixels.requires_grad_())
    hook.remove()
    memory = decoder.memory(grid)
    score = torch.zeros(())
    for direction in decoder.directions:
        for place in np.flatnonzero(words):
            read = text[:place] if direction == "forward" else text[:place:-1]
            states = decoder(torch.tensor([[START, *read]]), memory, direction)
            score = score + decoder.logits(states[0, -1]).log_softmax(0)[text[place]]
    (layer,) = kept
    (gradient,) = torch.autograd.grad(score, layer)
    return (layer * gradient.mean((2, 3), keepdim=True)).sum(1).relu()[0].detach().numpy()


def test_equals_a_loop_over_words_and_directions(run: Path, phantom_corpus: Corpus) -> None:
    model = radtex.load(run)
    tokenizer = model.writer()[1]
    texts = [tokenizer.encode(TEXT), tokenizer.encode("Large pneumothorax.")]
    words = [np.arange(len(text)) % 3 == 1 for text in texts]
    images = phantom_corpus.images[:2]
    maps = word_gradient(model, images, texts, words)
    assert maps.shape == (2, 4, 4)
    assert maps.max() > 0
    for one, image, text, chosen in zip(maps, images, texts, words, strict=True):
        np.testing.assert_allclose(
            one, naive(model, image, text, chosen), rtol=1e-3, atol=1e-6 * maps.max()
        )


def test_is_drawn_and_stored(run: Path, phantom_corpus: Corpus, tmp_path: Path) -> None:
    film, arrays = tmp_path / "film.png", tmp_path / "maps.npz"
    Image.fromarray(phantom_corpus.images[0]).save(film)
    explain(run, film, tmp_path / "out.png", TEXT, arrays)
    assert Image.open(tmp_path / "out.png").format == "PNG"
    with np.load(arrays) as stored:
        assert stored["finding_maps"].shape == (2, 4, 4)
        sums = stored["finding_maps"].sum(axis=(1, 2))
        assert all(total == 0 or total == pytest.approx(1) for total in sums)


def test_is_put_to_the_pointing_game(
    run: Path, phantom_corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("radtex.explaining.pointing_game._FEWEST", 2)
    table = localise(run, f"{phantom_corpus.path}:pool")
    assert "the map is the gradient of the words of the reference text" in table
    assert table != localise(run, f"{phantom_corpus.path}:pool", maps="attention")
