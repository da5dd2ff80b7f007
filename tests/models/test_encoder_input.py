"""What an encoder takes: size, grey levels and how images are resized."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from radtex.models.encoder_input import EncoderInput, Interpolation


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (2, 32, 32), dtype=np.uint8)


def test_images_of_its_size_are_shifted_and_scaled(images: NDArray[np.uint8]) -> None:
    ready = EncoderInput(32, 100.0, 50.0).prepare(images)
    assert ready.shape == (2, 1, 32, 32)
    assert ready.dtype == torch.float32
    np.testing.assert_allclose(ready[:, 0].numpy(), (images - 100.0) / 50.0, rtol=1e-6)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_images_of_another_size_are_resized_its_own_way(
    images: NDArray[np.uint8], interpolation: Interpolation
) -> None:
    for size in (16, 48):
        found = EncoderInput(size, 100.0, 50.0, interpolation).prepare(images)
        grey = torch.from_numpy(images)[:, None].float()
        resized = F.interpolate(grey, (size, size), mode=interpolation, antialias=True)
        torch.testing.assert_close(found, (resized - 100.0) / 50.0)


def test_a_tensor_is_prepared_as_an_array_is(images: NDArray[np.uint8]) -> None:
    takes = EncoderInput(24, 90.0, 40.0, "bicubic")
    assert torch.equal(takes.prepare(torch.from_numpy(images)), takes.prepare(images))


def test_normalising_leaves_the_size(images: NDArray[np.uint8]) -> None:
    found = EncoderInput(16, 100.0, 50.0).normalise(images)
    assert torch.equal(found, EncoderInput(32, 100.0, 50.0).prepare(images))


def test_the_levels_of_colours_are_averaged() -> None:
    found = EncoderInput.of_colours(64, (0.2, 0.4, 0.6), (0.1, 0.2, 0.3), "bicubic")
    assert (found.size, found.interpolation) == (64, "bicubic")
    assert found.mean == pytest.approx(255 * 0.4)
    assert found.std == pytest.approx(255 * 0.2)
