"""Shares of clustered cases against scipy, and what a patient moves against leaving it out."""

import numpy as np
import pytest
from scipy.stats import binomtest

from radtex.statistics.intervals import wilson
from radtex.statistics.proportion import moved, proportion


@pytest.mark.parametrize("hits", [0, 1, 17, 40])
def test_the_interval_of_a_share_is_wilsons_with_a_study_per_patient(hits: int) -> None:
    found = proportion(np.arange(40) < hits, np.arange(40))
    expected = binomtest(hits, 40).proportion_ci(method="wilson")
    assert found.value == hits / 40
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_patients_whose_studies_agree_count_once() -> None:
    holds = np.arange(20) < 7
    once = proportion(holds, np.arange(20))
    twice = proportion(np.repeat(holds, 2), np.repeat(np.arange(20), 2))
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high))


def test_studies_of_one_patient_are_as_uncertain_as_one_study() -> None:
    alone, one = proportion(np.arange(20) < 7, np.zeros(20, int)), wilson(7 / 20, 1)
    assert (alone.low, alone.high) == (one.low, one.high)


def test_the_moves_of_all_patients_cancel() -> None:
    values, patients = np.array([1.0, 0, 4, 2]), np.array([3, 1, 3, 7])
    assert moved(values, patients) == pytest.approx([-1.75 / 4, 1.5 / 4, 0.25 / 4])
