"""An image of any shape to a square one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from radtex.images import cut_share, fit


def smooth(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return (127 + 60 * np.sin(x / 17) + 60 * np.cos(y / 23)).astype(np.uint8)


images = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40))


@given(images, st.integers(1, 30))
def test_fit_is_square_and_stays_within_the_grey_levels(image, size):
    fitted = fit(image, size, "crop")
    assert fitted.shape == (size, size)
    assert fitted.dtype == np.uint8
    assert image.min() <= fitted.min()
    assert fitted.max() <= image.max()


@given(images)
def test_fit_to_its_own_short_side_only_cuts_the_ends(image):
    height, width = image.shape
    side = min(height, width)
    if (height - side) % 2 or (width - side) % 2:
        return
    top, left = (height - side) // 2, (width - side) // 2
    assert np.array_equal(fit(image, side, "crop"), image[top : top + side, left : left + side])


def test_fit_agrees_with_resizing_the_whole_film_and_then_cutting():
    image = smooth(400, 520)
    whole = np.asarray(Image.fromarray(image).resize((130, 100), Image.Resampling.BILINEAR))
    assert np.abs(fit(image, 100, "crop").astype(int) - whole[:, 15:115]).max() <= 1


def test_fit_keeps_a_circle_round():
    y, x = np.mgrid[:300, :420]
    disc = np.where((y - 150) ** 2 + (x - 210) ** 2 < 90**2, 255, 0).astype(np.uint8)
    fitted = fit(disc, 100, "crop") > 127
    assert abs(int(fitted.any(axis=0).sum()) - int(fitted.any(axis=1).sum())) <= 1
    assert fitted.any(axis=0).sum() == pytest.approx(60, abs=2)


@given(images, st.integers(1, 30))
def test_padding_keeps_all_of_the_image_in_the_middle_of_black(image, size):
    fitted = fit(image, size, "pad")
    assert fitted.shape == (size, size)
    scale = size / max(image.shape)
    height, width = (max(1, round(side * scale)) for side in image.shape)
    top, left = (size - height) // 2, (size - width) // 2
    inside = fitted[top : top + height, left : left + width]
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    assert np.array_equal(inside, np.asarray(resized))
    outside = fitted.astype(int)
    outside[top : top + height, left : left + width] = 0
    assert not outside.any()


def test_padding_keeps_a_circle_round():
    y, x = np.mgrid[:300, :420]
    disc = np.where((y - 150) ** 2 + (x - 210) ** 2 < 140**2, 255, 0).astype(np.uint8)
    fitted = fit(disc, 105, "pad") > 127
    assert fitted.any(axis=0).sum() == pytest.approx(70, abs=2)
    assert fitted.any(axis=1).sum() == pytest.approx(70, abs=2)


@pytest.mark.parametrize("how", ["crop", "pad"])
def test_a_square_image_is_fitted_alike_either_way(how):
    square = smooth(90, 90)
    assert np.array_equal(fit(square, 30, how), fit(square, 30))


def test_the_whole_film_is_kept_unless_a_crop_is_asked_for():
    image = smooth(400, 300)
    assert np.array_equal(fit(image, 60), fit(image, 60, "pad"))
    assert not np.array_equal(fit(image, 60), fit(image, 60, "crop"))


@given(images)
def test_the_share_that_is_cut_is_what_the_square_lacks(image):
    height, width = image.shape
    square = fit(image, min(height, width), "crop")
    assert cut_share(height, width, "crop") == pytest.approx(1 - square.size / image.size)
    assert cut_share(height, width, "pad") == 0
