"""Drawn images: the same each time, of every kind, and square."""

import numpy as np
import pytest

from radtex.classifiers.non_radiographs import DRAWN, non_radiographs, wrong_films


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    return dict(non_radiographs(48, "pad"))


def test_each_kind_is_drawn_the_same_each_time(drawn: dict[str, np.ndarray]) -> None:
    assert len(drawn) == 7
    for kind, images in non_radiographs(48, "pad"):
        assert images.shape == (DRAWN, 48, 48)
        assert images.dtype == np.uint8
        np.testing.assert_array_equal(images, drawn[kind])
        assert len(np.unique(images.reshape(DRAWN, -1), axis=0)) == DRAWN
        assert images.std(axis=(1, 2)).min() > 1, kind


def test_kinds_look_as_they_are_called(drawn: dict[str, np.ndarray]) -> None:
    def roughness(images: np.ndarray) -> float:
        levels = images.astype(float)
        return float(np.abs(np.diff(levels, axis=2)).mean() / levels.std())

    assert drawn["pages of text"].mean() > 180
    order = ("gradients", "smooth noise", "natural textures", "white noise")
    rough = [roughness(drawn[kind]) for kind in order]
    assert rough == sorted(rough)


def test_another_seed_draws_others(drawn: dict[str, np.ndarray]) -> None:
    for kind, images in non_radiographs(48, "crop", seed=1):
        assert (images != drawn[kind]).any(), kind


def test_films_are_inverted_and_turned() -> None:
    films = np.arange(2 * 9, dtype=np.uint8).reshape(2, 3, 3)
    wrong = dict(wrong_films(films))
    np.testing.assert_array_equal(wrong["inverted films"], 255 - films)
    np.testing.assert_array_equal(wrong["films upside down"][0], films[0][::-1])
    np.testing.assert_array_equal(wrong["films on their side"][1], np.rot90(films[1]))
