"""Films of one spectrum, whatever is drawn on them."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from radtex.auditing.cues import spectrum
from radtex.phantom.drawing.acuity import with_spectrum_of


def noise(seed: int, blur: float, size: int = 64) -> NDArray[np.float64]:
    fine = gaussian_filter(np.random.default_rng(seed).normal(size=(size, size)), blur, mode="wrap")
    return 0.5 + 0.1 * fine / fine.std()


def shape(film: NDArray[np.floating]) -> NDArray[np.floating]:
    return spectrum(np.clip(255 * film + 0.5, 0, 255).astype(np.uint8)[None])[0]


@pytest.mark.parametrize("size", [64, 65, 96])
def test_the_spectrum_takes_the_shape_of_the_model(size: int) -> None:
    sharp, soft = noise(0, 0.4, size), noise(1, 0.7, size)
    made = with_spectrum_of(sharp, soft, np.random.default_rng(0))
    alike = with_spectrum_of(soft, soft, np.random.default_rng(0))
    assert np.abs(shape(sharp) - shape(soft)).mean() > 0.7
    assert np.abs(shape(made) - shape(alike)).mean() < 0.15


def test_films_of_one_spectrum_differ_in_sharpness() -> None:
    film = noise(0, 0.7)
    made = [with_spectrum_of(film, film, np.random.default_rng(seed)) for seed in range(20)]
    deviation = np.std([shape(each) for each in made], 0)
    assert 0.05 < deviation.mean() < 0.4
    np.testing.assert_array_equal(made[3], with_spectrum_of(film, film, np.random.default_rng(3)))


def test_slow_changes_and_black_stay() -> None:
    film = noise(0, 6)
    film[:16] = 0
    made = with_spectrum_of(film, noise(1, 1), np.random.default_rng(0))
    assert not made[:16].any()
    assert np.abs(gaussian_filter(made - film, 6))[24:].max() < 0.02


def test_a_film_of_one_grey_stays() -> None:
    film = np.full((64, 64), 0.4)
    np.testing.assert_allclose(with_spectrum_of(film, film, np.random.default_rng(0)), film)
