"""Hashes tell the same film from others, as its signature does."""

import numpy as np
import pytest
from numpy.typing import NDArray

from radtex.models.film_hashes import (
    BITS,
    NO_FILMS,
    THRESHOLD,
    film_hashes,
    near_any,
    signatures,
)


@pytest.fixture(scope="module")
def films() -> NDArray[np.uint8]:
    """200 smooth random pictures, uint8 (200, 64, 64)."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (200, 16, 16)).astype(np.float64)
    return coarse.repeat(4, 1).repeat(4, 2).astype(np.uint8)


def noisy(films: NDArray[np.uint8], deviation: float) -> NDArray[np.uint8]:
    noise = np.random.default_rng(1).normal(0, deviation, films.shape)
    return (films + noise).clip(0, 255).astype(np.uint8)


def test_a_signature_has_the_norm_1(films: NDArray[np.uint8]) -> None:
    found = signatures(films, np.arange(5))
    assert found.shape == (5, 1024)
    np.testing.assert_allclose(found.norm(dim=1), 1, atol=1e-5)


def test_a_hash_is_the_same_for_each_order_and_number_of_films(films: NDArray[np.uint8]) -> None:
    rows = np.arange(200)
    hashes = film_hashes(films, rows)
    assert hashes.shape == (200, BITS // 8)
    np.testing.assert_array_equal(film_hashes(films, rows[::-1]), hashes[::-1])
    assert film_hashes(films, rows[:0]).shape == NO_FILMS.shape


def test_bits_differ_as_the_angle_of_the_signatures_says(films: NDArray[np.uint8]) -> None:
    rows = np.arange(len(films))
    changed = noisy(films, 60)
    correlation = (signatures(films, rows) * signatures(changed, rows)).sum(1).numpy()
    differ = np.unpackbits(film_hashes(films, rows) ^ film_hashes(changed, rows), axis=1).sum(1)
    expected = BITS * np.arccos(correlation) / np.pi
    assert np.abs(differ - expected).max() < 5 * np.sqrt(BITS / 4)
    assert abs((differ - expected).mean()) < 3


def test_copies_are_found_and_other_films_are_not(films: NDArray[np.uint8]) -> None:
    rows = np.arange(100)
    copies = noisy(films, 5)
    alike = (signatures(films, rows) * signatures(copies, rows)).sum(1)
    assert alike.min() > THRESHOLD + 0.03
    known = film_hashes(films, rows)
    found = near_any(film_hashes(copies, np.arange(200)), known)
    assert found.tolist() == [True] * 100 + [False] * 100


def test_sizes_of_images_may_differ(films: NDArray[np.uint8]) -> None:
    large = films.repeat(2, 1).repeat(2, 2)
    rows = np.arange(10)
    assert near_any(film_hashes(large, rows), film_hashes(films, rows)).all()


def test_blank_films_and_none_are_near_nothing(films: NDArray[np.uint8]) -> None:
    blank = film_hashes(np.full((3, 64, 64), 9, np.uint8), np.arange(3))
    assert not near_any(blank, blank).any()
    assert not near_any(film_hashes(films, np.arange(3)), NO_FILMS).any()
    assert near_any(NO_FILMS, blank).shape == (0,)
