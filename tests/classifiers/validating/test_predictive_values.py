"""Predictive values against Bayes, and intervals against simulation."""

import numpy as np
import pytest

from radtex.classifiers.validating.predictive_values import difference, predictive_values
from radtex.statistics.intervals import Interval, wilson


def test_they_follow_bayes() -> None:
    found = predictive_values(Interval(0.9, 0.8, 0.95), Interval(0.8, 0.7, 0.9), 0.1)
    assert found.positive.value == pytest.approx(0.09 / (0.09 + 0.18))
    assert found.negative.value == pytest.approx(0.72 / (0.72 + 0.01))
    for each in (found.positive, found.negative):
        assert each.low < each.value < each.high


@pytest.mark.parametrize("prevalence", [0.05, 0.3])
def test_intervals_cover(prevalence: float) -> None:
    rng = np.random.default_rng(0)
    sensitivity, specificity = 0.8, 0.9
    right, alarms = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    truth = right / (right + alarms)
    held = 0
    for _ in range(1000):
        found = predictive_values(
            wilson(rng.binomial(80, sensitivity) / 80, 80),
            wilson(rng.binomial(300, specificity) / 300, 300),
            prevalence,
        ).positive
        held += found.low <= truth <= found.high
    assert 0.925 < held / 1000 < 0.98


def test_certain_shares_have_an_interval_all_the_same() -> None:
    perfect = predictive_values(wilson(1.0, 40), wilson(1.0, 200), 0.1)
    assert perfect.positive.value == perfect.negative.value == 1
    assert 0 < perfect.positive.low < 1
    assert perfect.positive.high == 1
    blind = predictive_values(wilson(0.0, 40), wilson(0.9, 200), 0.1)
    assert blind.positive.value == 0
    assert 0 < blind.positive.high < 0.3
    nothing = predictive_values(wilson(0.0, 40), wilson(1.0, 200), 0.1).positive
    assert 0 <= nothing.low < nothing.high <= 1


def test_the_interval_of_a_difference_of_two_normal_means_is_the_usual_one() -> None:
    found = difference(Interval(3.0, 2.0, 4.0), Interval(1.0, 0.5, 1.5))
    assert (found.value, found.low) == (2.0, pytest.approx(2 - 1.25**0.5))
    assert found.high == pytest.approx(2 + 1.25**0.5)
