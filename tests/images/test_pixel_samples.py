"""Samples of a pixel to one grey level."""

import numpy as np
import pytest
from PIL import Image

from radtex.images.pixel_samples import grey_levels, luminance

SAMPLES = np.random.default_rng(0).integers(0, 2**16, (4, 5, 4), dtype=np.uint16)


@pytest.mark.parametrize("count", [1, 2])
def test_of_one_or_two_samples_the_first_is_grey(count):
    np.testing.assert_array_equal(luminance(SAMPLES[..., :count]), SAMPLES[..., 0])


@pytest.mark.parametrize("count", [3, 4])
def test_three_samples_are_weighed_and_a_fourth_is_ignored(count):
    red, green, blue = (SAMPLES[..., at].astype(float) for at in range(3))
    expected = 0.299 * red + 0.587 * green + 0.114 * blue
    np.testing.assert_allclose(luminance(SAMPLES[..., :count]), expected)


def test_pictures_keep_their_depth():
    assert grey_levels(Image.fromarray(SAMPLES[..., 0])).dtype == np.uint16
    assert grey_levels(Image.fromarray(SAMPLES[..., 0].astype(np.float32))).dtype == np.float32
    assert grey_levels(Image.new("RGB", (3, 2))).dtype == np.uint8
