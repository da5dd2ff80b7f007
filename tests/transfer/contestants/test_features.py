import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from radtex.errors import ProtocolError
from radtex.models.encoder import pool
from radtex.models.encoder_input import EncoderInput
from radtex.transfer.contestants import features
from radtex.transfer.contestants.features import pooled_features


def test_features_are_the_mean_over_the_grid_of_normalised_images(corpus, contestant, monkeypatch):
    monkeypatch.setattr(features, "BATCH", 7)
    it = contestant("a", "random")
    rows = np.array([5, 2, 700, 9, 11, 12, 13, 14, 15, 16])
    pooled = pooled_features(it, corpus.images, rows)
    assert pooled.dtype == torch.float32
    for place, row in enumerate(rows):
        image = torch.tensor((corpus.images[row].astype(np.float32) - 100) / 40)
        with torch.no_grad():
            grid = it.encoder.eval()(image[None, None])[0]
        expected = [channel.sum() / channel.numel() for channel in grid]
        torch.testing.assert_close(pooled[place], torch.stack(expected))


def test_frozen_is_frozen(corpus, contestant):
    it = contestant("a", "random")
    it.encoder.train()
    before = copy.deepcopy(it.encoder.state_dict())
    pooled_features(it, corpus.images, np.arange(100))
    for name, value in it.encoder.state_dict().items():
        assert torch.equal(value, before[name])


def test_a_diverged_encoder_is_named(corpus, contestant):
    it = contestant("broken", "radtex")
    with torch.no_grad():
        it.encoder.convolution.bias[0] = torch.nan
    with pytest.raises(ProtocolError, match=r"encoder broken .* not finite for 30 of 30 images"):
        pooled_features(it, corpus.images, np.arange(30))


def test_images_are_resized_as_the_encoder_was_trained(corpus, contestant):
    it = replace(contestant("a", "random"), takes=EncoderInput(24, 100.0, 40.0, "bicubic"))
    images = torch.tensor(corpus.images[:3]).unsqueeze(1).float()
    resized = torch.nn.functional.interpolate(images, (24, 24), mode="bicubic", antialias=True)
    with torch.no_grad():
        expected = pool(it.encoder.eval()((resized - 100) / 40))
    torch.testing.assert_close(pooled_features(it, corpus.images, np.arange(3)), expected)
