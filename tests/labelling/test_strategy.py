import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.labelling.neighbourhoods import reduced
from radtex.labelling.strategy import (
    DISAGREEMENT,
    DIVERSITY,
    UNCERTAINTY,
    Films,
    choose,
    entropy,
    spread_out,
    to_teach,
    unsure,
)


@pytest.fixture
def films() -> Films:
    """Ten places of 12 films; two films a patient."""
    rng = np.random.default_rng(1)
    middles = rng.normal(0, 5, (10, 40))
    points = (np.repeat(middles, 12, 0) + rng.normal(0, 1, (120, 40))).astype(np.float32)
    return Films(reduced(points), np.arange(120) // 2, np.zeros(120, bool))


def test_spread_out_films_are_one_of_each_place(films: Films) -> None:
    chosen = spread_out(films, 10, 0)
    assert sorted(film // 12 for film in chosen) == list(range(10))
    labelled = films.labelled.copy()
    labelled[chosen[:5]] = True
    again = spread_out(Films(films.points, films.patients, labelled), 5, 0)
    assert not {film // 12 for film in again} & {film // 12 for film in chosen[:5]}


def test_unsure_films_are_those_between(films: Films) -> None:
    p = np.full((120, 2), 0.02)
    p[40:60, 0] = 0.5
    chosen, why = unsure(films, p, 5, 0)
    assert all(40 <= film < 60 for film in chosen)
    assert set(why) == {UNCERTAINTY}


def test_a_rare_target_counts_as_much_as_a_frequent_one(films: Films) -> None:
    """All are unsure of one target; a few of another, whose probabilities are small everywhere."""
    p = np.stack([np.full(120, 0.45), np.full(120, 0.001)], 1)
    p[100:110, 1] = 0.05
    chosen, _ = unsure(films, p, 2, 0)
    assert all(100 <= film < 110 for film in chosen)


def test_films_whose_report_and_head_disagree_come_up(films: Films) -> None:
    p = np.full((120, 1), 0.05)
    reported = np.full((120, 1), np.nan, np.float32)
    reported[:60] = 0
    reported[[7, 31, 77]] = 1
    chosen, why = unsure(films, p, 3, 0, reported)
    assert sorted(chosen) == [7, 31, 77]
    assert set(why) == {DISAGREEMENT}


@given(st.integers(1, 80), st.integers(0, 100), st.floats(0, 1), st.booleans())
def test_a_batch_has_no_film_twice_nor_one_with_labels(count, done, share, warm) -> None:
    rng = np.random.default_rng(count)
    labelled = np.zeros(100, bool)
    labelled[rng.permutation(100)[:done]] = True
    films = Films(reduced(rng.normal(size=(100, 8)).astype(np.float32)), np.arange(100) // 2,
                  labelled)  # fmt: skip
    p = rng.random((100, 2)) if warm else np.full((100, 2), np.nan)
    chosen, why = choose(films, p, count, share, 0)
    assert len(chosen) == len(set(chosen)) == len(why)
    assert not labelled[chosen].any()
    assert len(chosen) == min(count, 100 - done)
    if count + done < 40 and share < 0.05:
        assert len(set(films.patients[chosen])) == len(chosen)


def test_films_are_spread_out_and_with_a_head_half_of_them_are_unsure(films: Films) -> None:
    unknown = np.full((120, 2), np.nan)
    assert set(to_teach(films, unknown, 6, 0)[1]) == {DIVERSITY}
    _, why = to_teach(films, np.full((120, 1), 0.1), 7, 0)
    assert (why.count(UNCERTAINTY), why.count(DIVERSITY)) == (4, 3)


def test_a_target_without_a_head_is_passed_over(films: Films) -> None:
    half = np.full((120, 2), np.nan)
    half[:, 1] = np.linspace(0.01, 0.5, 120)
    assert to_teach(films, half, 6, 0) == to_teach(films, half[:, 1:], 6, 0)
    assert to_teach(films, half, 0, 0) == ([], [])


def test_the_same_seed_chooses_the_same(films: Films) -> None:
    p = np.random.default_rng(3).random((120, 3))
    assert choose(films, p, 20, 0.2, 4) == choose(films, p, 20, 0.2, 4)


def test_entropy_is_in_bits() -> None:
    np.testing.assert_allclose(entropy(np.array([0.5, 0.0, 1.0, 0.25])), [1, 0, 0, 0.8113], 1e-3,
                               1e-9)  # fmt: skip
