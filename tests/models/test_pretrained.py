"""A run in memory: images in, features or reports out."""

from pathlib import Path

import numpy as np
import pytest
import torch

from radtex.corpus.corpus import Corpus
from radtex.errors import RunError
from radtex.models.encoder import Encoder, pool
from radtex.models.encoder_input import EncoderInput
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import load


def test_features_are_the_pooled_grid_whatever_the_batch(
    writing_run: Path, phantom_corpus: Corpus
) -> None:
    model = load(writing_run)
    features = model.encode(phantom_corpus.images[:40])
    with torch.no_grad():
        expected = pool(model.encoder(model.takes.prepare(phantom_corpus.images[:40])))
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, expected.numpy(), atol=1e-5)


def test_images_of_another_size_are_resized_as_the_encoder_takes_them() -> None:
    encoder = Encoder("test_resnet", 64).eval()
    images = np.random.default_rng(0).integers(0, 256, (2, 80, 80), dtype=np.uint8)
    by = {
        how: PretrainedModel(encoder, None, None, EncoderInput(64, 120.0, 50.0, how))
        for how in ("bilinear", "bicubic")
    }
    with torch.no_grad():
        expected = pool(encoder(by["bicubic"].takes.prepare(images))).numpy()
    np.testing.assert_array_equal(by["bicubic"].encode(images), expected)
    assert not np.array_equal(by["bilinear"].encode(images), expected)


def test_a_report_begins_with_its_prompt(writing_run: Path, phantom_corpus: Corpus) -> None:
    reports = load(writing_run).report(phantom_corpus.images[:3], prompt="There is", beams=2)
    assert len(reports) == 3
    assert all(report.startswith("there is") for report in reports)


def test_a_prompt_longer_than_the_context_is_refused(
    writing_run: Path, phantom_corpus: Corpus
) -> None:
    with pytest.raises(RunError, match="context holds 23"):
        load(writing_run).report(phantom_corpus.images[:1], prompt="pleural effusion " * 30)


def test_a_run_without_decoder_cannot_write() -> None:
    model = PretrainedModel(Encoder("test_resnet", 64), None, None, EncoderInput(64, 0.0, 1.0))
    with pytest.raises(RunError, match="this run cannot write"):
        model.report(np.zeros((1, 64, 64), np.uint8))
