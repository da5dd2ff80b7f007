"""From the images of a corpus to the input of an encoder."""

import numpy as np
import pytest
import torch

from radtex.models.encoder_input import EncoderInput
from radtex.pretraining.data.augmentation import augment
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.pixels import Pixels

N = 5
IMAGES = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)


@pytest.fixture
def pixels() -> Pixels:
    return Pixels(IMAGES, EncoderInput(8, mean=100.0, std=50.0))


def test_samples_of_a_row_show_its_image(pixels: Pixels) -> None:
    samples = np.array([3, 3 + N, 3 + 4 * N, 0])
    assert torch.equal(pixels.read(samples), torch.from_numpy(IMAGES[[3, 3, 3, 0]]))


def test_grey_levels_are_normalised(pixels: Pixels) -> None:
    plain = pixels.plain(np.array([1, 4]))
    assert plain.shape == (2, 1, 8, 8)
    expected = (IMAGES[[1, 4], None].astype(np.float32) - 100) / 50
    torch.testing.assert_close(plain, torch.from_numpy(expected))


def test_images_come_in_the_size_of_the_encoder() -> None:
    small = Pixels(IMAGES, EncoderInput(4, 100.0, 50.0))
    assert small.plain(np.arange(N)).shape == (N, 1, 4, 4)
    assert small.augmented(np.arange(N), AugmentationOptions(), 0).shape == (N, 1, 4, 4)


def test_augmentation_depends_on_its_seed_alone(pixels: Pixels) -> None:
    rows, options = np.arange(N), AugmentationOptions()
    seen = pixels.augmented(rows, options, 7)
    assert torch.equal(seen, pixels.augmented(rows, options, 7))
    assert not torch.equal(seen, pixels.augmented(rows, options, 8))
    generator = torch.Generator().manual_seed(7)
    assert torch.equal(seen, augment(pixels.plain(rows), 8, options, generator))


def test_mirrored_samples_are_mirrored_where_the_options_flip(pixels: Pixels) -> None:
    still = AugmentationOptions(1.0, 1.0, 0.0, 0.0, 0.0, flip=0.5)
    seen = pixels.augmented(np.array([2, 2 + N]), still, 0)
    torch.testing.assert_close(seen[0], pixels.plain(np.array([2]))[0])
    torch.testing.assert_close(seen[1], seen[0].flip(-1))
