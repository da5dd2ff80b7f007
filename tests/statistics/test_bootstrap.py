"""Intervals and paired tests of scores, by drawing patients."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from radtex.statistics.bootstrap import Patients


def ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """A score of the kind that F1 is, and a mean."""
    return np.stack([sums[..., 1] / sums[..., 2], sums[..., 1] / sums[..., 0]], axis=-1)


def _statistics(generator: np.random.Generator, reports: int, shift: float = 0) -> np.ndarray:
    wins = generator.normal(3 + shift, 1, reports)
    return np.column_stack([np.ones(reports), wins, generator.normal(6, 1, reports)])


def test_the_interval_of_a_mean_is_that_of_the_central_limit() -> None:
    statistics = _statistics(np.random.default_rng(0), 400)
    interval = Patients(np.arange(400), 4000, seed=1).intervals(statistics, ratio)[1]
    half = 1.96 * statistics[:, 1].std() / 20
    assert interval.value == pytest.approx(statistics[:, 1].mean())
    assert interval.low == pytest.approx(interval.value - half, abs=half / 10)
    assert interval.high == pytest.approx(interval.value + half, abs=half / 10)


def test_reports_of_one_patient_are_drawn_together() -> None:
    once = _statistics(np.random.default_rng(0), 100)
    of_one = Patients(np.arange(100), 500, seed=1).intervals(once, ratio)
    of_two = Patients(np.repeat(np.arange(100), 2), 500, seed=1).intervals(
        np.repeat(once, 2, axis=0), ratio
    )
    for one, two in zip(of_one, of_two, strict=True):
        assert (one.low, one.high) == pytest.approx((two.low, two.high))


def test_p_is_that_of_all_swaps() -> None:
    generator = np.random.default_rng(3)
    a, b = _statistics(generator, 8, 0.5), _statistics(generator, 8)
    patients = np.array([0, 1, 2, 3, 4, 5, 6, 6])
    found = Patients(patients, 20_000, seed=0).differences(a, b, ratio)
    observed = ratio(a.sum(0)) - ratio(b.sum(0))
    larger = np.zeros(2)
    for swaps in product([False, True], repeat=7):
        swapped = np.array(swaps)[patients, None]
        first, second = np.where(swapped, b, a), np.where(swapped, a, b)
        moved = ratio(first.sum(0)) - ratio(second.sum(0))
        larger += np.abs(moved) >= np.abs(observed) - 1e-12
    assert [each.value for each in found] == pytest.approx(observed)
    assert [each.p for each in found] == pytest.approx(larger / 2**7, abs=0.015)


def test_a_system_does_not_differ_from_itself() -> None:
    statistics = _statistics(np.random.default_rng(0), 30)
    for each in Patients(np.arange(30), 50, seed=0).differences(statistics, statistics, ratio):
        assert (each.value, each.low, each.high, each.p) == (0, 0, 0, 1)


def test_the_same_seed_gives_the_same_numbers() -> None:
    generator = np.random.default_rng(0)
    a, b = _statistics(generator, 40), _statistics(generator, 40)
    first, again, other = (
        Patients(np.arange(40), 50, seed).differences(a, b, ratio) for seed in (7, 7, 8)
    )
    assert first == again != other


def test_an_undefined_score_is_never_a_finding() -> None:
    statistics = np.column_stack([np.ones(5), np.zeros(5), np.zeros(5)])
    with np.errstate(invalid="ignore"):
        patients = Patients(np.arange(5), 20, seed=0)
        interval = patients.intervals(statistics, ratio)[0]
        difference = patients.differences(statistics, statistics, ratio)[0]
    assert np.isnan([interval.value, interval.low, interval.high, difference.value]).all()
    assert difference.p == 1
