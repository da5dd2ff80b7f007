"""What becomes a graph, beside what it stands for."""

import numpy as np
import pytest
import torch

from radtex.interchange.onnx_parts import GreyEncoder
from radtex.models.encoder import Encoder, pool
from radtex.models.encoder_input import EncoderInput


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("side", [64, 100, 131])
def test_images_of_any_size_are_prepared_as_the_encoder_takes_them(side, interpolation) -> None:
    torch.manual_seed(0)
    encoder = Encoder("test_resnet", 64).eval()
    takes = EncoderInput(64, 110.0, 55.0, interpolation)
    films = np.random.default_rng(1).integers(0, 256, (3, side, side), dtype=np.uint8)
    with torch.inference_mode():
        features, grid = GreyEncoder(encoder, takes, side)(torch.from_numpy(films))
        expected = encoder(takes.prepare(films))
    torch.testing.assert_close(grid, expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(features, pool(expected), atol=1e-4, rtol=1e-4)
