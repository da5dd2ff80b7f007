"""What a corpus stores of an image file."""

import dataclasses

import numpy as np
import pytest

from radtex.errors import ImageError
from radtex.images import Preprocessing, fit, read_image


@pytest.mark.parametrize("how", ["crop", "pad"])
@pytest.mark.parametrize("intensity", ["window", "equalize"])
def test_the_image_is_read_and_made_square_as_it_says(make_dicom, film, how, intensity):
    data = make_dicom(film, BitsStored=12, WindowCenter=1500, WindowWidth=900)
    pixels = Preprocessing(60, how, intensity).apply(data)
    assert pixels.shape == (60, 60)
    assert pixels.dtype == np.uint8
    expected = fit(read_image(data, enough=60, intensity=intensity), 60, how)
    np.testing.assert_array_equal(pixels, expected)


def test_padding_is_black_and_cropping_adds_nothing(make_dicom, film):
    data = make_dicom(film)
    padded = Preprocessing(60, fit="pad").apply(data)
    assert not padded[:, :7].any()
    assert np.array_equal(Preprocessing(60).apply(data), padded)
    assert Preprocessing(60, fit="crop").apply(data)[:, :7].any()


@pytest.mark.parametrize("how", ["crop", "pad"])
def test_the_shape_is_that_of_the_film_before_it_became_square(make_dicom, film, how):
    pixels, shape = Preprocessing(60, how).apply_and_measure(make_dicom(film))
    assert shape == film.shape
    assert np.array_equal(pixels, Preprocessing(60, how).apply(make_dicom(film)))


def test_what_is_no_image_is_refused():
    with pytest.raises(ImageError):
        Preprocessing(60).apply(b"no image")


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Preprocessing(60).size = 30
