import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from radtex.statistics.kappa import cohen_kappa


def test_kappa_is_that_of_another_library() -> None:
    rng = np.random.default_rng(0)
    a = rng.integers(0, 3, 200)
    b = np.where(rng.random(200) < 0.7, a, rng.integers(0, 3, 200))
    found = cohen_kappa(a, b, np.arange(200))
    assert found.value == pytest.approx(cohen_kappa_score(a, b))
    assert found.low < found.value < found.high


def test_studies_of_one_patient_are_no_more_evidence_than_one() -> None:
    """Ten copies of each study, of one patient, give the interval of the single ones."""
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 2, 60), rng.integers(0, 2, 60)
    one = cohen_kappa(a, b, np.arange(60))
    ten = cohen_kappa(np.repeat(a, 10), np.repeat(b, 10), np.repeat(np.arange(60), 10))
    assert (ten.low, ten.high) == pytest.approx((one.low, one.high))


def test_readers_who_give_one_label_to_all_have_no_kappa() -> None:
    same = np.zeros(20, np.int64)
    assert np.isnan(cohen_kappa(same, same, np.arange(20)).value)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Two readers of a truth, each right in 85 %: kappa of the population is 0.49."""
    rng = np.random.default_rng(2)
    truth = rng.random(200_000) < 0.5
    big = [np.where(rng.random(len(truth)) < 0.85, truth, ~truth).astype(int) for _ in range(2)]
    population = cohen_kappa_score(*big)
    held = 0
    for number in range(60):
        some = slice(number * 120, number * 120 + 120)
        found = cohen_kappa(big[0][some], big[1][some], np.arange(120))
        held += found.low <= population <= found.high
    assert held >= 52
