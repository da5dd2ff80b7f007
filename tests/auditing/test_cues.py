"""Cues: what each holds, and what it does not."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from radtex.auditing import cues


@pytest.fixture
def films() -> NDArray[np.uint8]:
    """Smooth noise, (6, 64, 64)."""
    noise = gaussian_filter(np.random.default_rng(0).normal(size=(6, 64, 64)), (0, 2, 2))
    return np.clip(128 + 300 * noise, 20, 235).astype(np.uint8)


@pytest.mark.parametrize("cue", cues.CUES, ids=lambda cue: cue.name)
@pytest.mark.parametrize("size", [9, 32, 65])
def test_a_cue_is_measured_film_by_film_at_any_size(cue: cues.Cue, size: int) -> None:
    films = np.random.default_rng(1).integers(0, 256, (3, size, size), np.uint8)
    films[1] = 7  # one grey
    together = cue.measure(films)
    assert np.isfinite(together).all()
    alone = np.concatenate([cue.measure(film[None]) for film in films])
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-4)


def test_the_spectrum_has_no_brightness_contrast_or_direction(films: NDArray[np.uint8]) -> None:
    shape = cues.spectrum(films)
    assert shape.mean(1) == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(cues.spectrum(films + np.uint8(20)), shape, atol=1e-3)
    np.testing.assert_allclose(cues.spectrum(films[:, ::-1]), shape, atol=1e-3)
    np.testing.assert_allclose(cues.spectrum(films.swapaxes(1, 2)), shape, atol=1e-3)


def test_a_sharper_film_has_more_of_the_high_frequencies(films: NDArray[np.uint8]) -> None:
    noise = np.random.default_rng(2).normal(0, 4, films.shape)
    sharper = np.clip(films + noise, 0, 255).astype(np.uint8)
    assert (cues.spectrum(sharper)[:, -8:].mean(1) > cues.spectrum(films)[:, -8:].mean(1)).all()


def test_a_wave_stands_in_its_own_ring() -> None:
    x = np.arange(64)
    wave = np.tile(128 + 60 * np.cos(np.pi * 0.8 * x), (64, 1)).round().astype(np.uint8)
    edges = np.linspace(0.25, 2**0.5, cues.spectrum(wave[None]).shape[1] + 1)
    at = int(cues.spectrum(wave[None])[0].argmax())
    assert edges[at] <= 0.8 + 2 / 64
    assert edges[at + 1] >= 0.8 - 2 / 64


def test_greys_that_no_pixel_has_are_seen(films: NDArray[np.uint8]) -> None:
    coarse = films // 2 * 2
    assert (cues.histogram_tails(coarse)[:, -1] > 0.4).all()
    assert (cues.histogram_tails(films)[:, -1] < 0.1).all()


def test_file_size_is_that_of_the_files(films: NDArray[np.uint8]) -> None:
    out = io.BytesIO()
    Image.fromarray(films[0]).save(out, "PNG")
    assert np.exp(cues.file_size(films)[0, 0]) == pytest.approx(len(out.getvalue()))


@pytest.mark.parametrize(
    ("side", "row", "column"),
    [("top", 2, 30), ("bottom", 61, 30), ("left", 30, 2), ("right", 30, 61)],
)
def test_a_strip_sees_its_own_side_alone(
    films: NDArray[np.uint8], side: str, row: int, column: int
) -> None:
    marked = films.copy()
    marked[:, row, column] = 255
    for name in ("top", "bottom", "left", "right"):
        same = np.array_equal(cues.strip(name)(marked), cues.strip(name)(films))
        assert same == (name != side)
    assert np.array_equal(cues.corners(marked), cues.corners(films))


def test_corners_see_marks_in_the_corners(films: NDArray[np.uint8]) -> None:
    for row, column in ((1, 1), (1, -2), (-2, 1), (-2, -2)):
        marked = films.copy()
        marked[:, row, column] = 255
        assert (cues.corners(marked) != cues.corners(films)).any(1).all()


def test_a_thumbnail_is_made_of_means() -> None:
    film = np.random.default_rng(3).integers(0, 256, (1, 64, 64), np.uint8)
    means = film.reshape(8, 8, 8, 8).mean((1, 3), dtype=np.float32).ravel()
    np.testing.assert_allclose(cues.thumbnail(film)[0], means, rtol=1e-5)
