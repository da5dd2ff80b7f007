import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from radtex.transfer.auc import auc, influence
from radtex.transfer.statistics import estimate, holm

nothing = np.zeros(50)


def test_without_patient_variance_it_is_the_t_interval_of_the_repeats():
    repeats = np.array([0.70, 0.74, 0.71, 0.79])
    value = estimate(repeats, nothing)
    expected = stats.ttest_1samp(repeats, 0).confidence_interval(0.95)
    np.testing.assert_allclose((value.low, value.high), expected)
    np.testing.assert_allclose(
        estimate(repeats - 0.7, nothing).p, stats.ttest_1samp(repeats, 0.7).pvalue
    )


def test_one_repeat_gives_an_interval_over_patients_alone():
    influence = np.random.default_rng(0).normal(size=4000) * 0.001
    value = estimate(np.array([0.8]), influence)
    half = 1.96 * np.sqrt((influence**2).sum())
    np.testing.assert_allclose((value.low, value.high), (0.8 - half, 0.8 + half), rtol=1e-3)


def test_both_sources_add_up_with_the_degrees_of_welch_and_satterthwaite():
    rng = np.random.default_rng(1)
    first, second = rng.normal(0.8, 0.03, 5), rng.normal(0.0, 0.02, 40)
    influence = (second - second.mean()) / len(second) * np.sqrt(len(second) / (len(second) - 1))
    influence = np.abs(influence).mean() * np.where(np.arange(40) % 2, 1, -1)  # 39 degrees
    patients = (influence**2).sum()
    draws = first.var(ddof=1) / 5
    freedom = (patients + draws) ** 2 / (patients**2 / 39 + draws**2 / 4)
    half = stats.t.ppf(0.975, freedom) * np.sqrt(patients + draws)
    np.testing.assert_allclose(estimate(first, influence).high, first.mean() + half)


def test_few_patients_that_carry_the_variance_widen_the_interval():
    even, uneven = np.full(400, 0.01), np.zeros(400)
    uneven[:4] = 0.1
    np.testing.assert_allclose((even**2).sum(), (uneven**2).sum())
    wide, narrow = (estimate(np.array([0.7]), each) for each in (uneven, even))
    assert wide.high > narrow.high + 0.05


def test_no_variance_is_a_point():
    assert estimate(np.zeros(3), nothing).p == 1
    sure = estimate(np.full(3, 0.5), nothing)
    assert (sure.low, sure.high, sure.p) == (0.5, 0.5, 0)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_is_what_its_definition_gives(p_values):
    adjusted = holm(p_values)
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    for rank, place in enumerate(order):
        expected = max((len(order) - i) * p_values[order[i]] for i in range(rank + 1))
        assert adjusted[place] == pytest.approx(min(1, expected))


def simulate(seed, repeats=10, targets=3, patients=250, lift=1.0, draw_effect=0.4):
    """One experiment on binormal scores of known mean AUC; the estimate, and that AUC.

    A patient's studies share label and part of their score, in all targets; each repeat has its
    own lift of the positives, as a probe fitted to other labels would.
    """
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), rng.integers(1, 4, patients))
    shared = rng.normal(size=patients)
    reached, moved = np.empty((targets, repeats)), np.zeros(patients)
    for target in range(targets):
        positive = (rng.random(patients) < 0.2)[patient]
        own = rng.normal(size=(len(patient), repeats)) + rng.normal(size=(len(patient), 1))
        lifts = lift + draw_effect * rng.normal(size=repeats)
        scores = shared[patient, None] + own + positive[:, None] * lifts
        reached[target], components = auc(torch.tensor(scores), positive)
        mean = components.numpy().mean(1, keepdims=True)
        moved += influence(mean, positive, patient, patients)[:, 0] / targets
    truth = stats.norm.cdf(lift / np.sqrt(2 * 3 + draw_effect**2))
    return estimate(reached.mean(0), moved), truth


def coverage(experiments, **settings):
    inside = 0
    for seed in range(experiments):
        value, truth = simulate(seed, **settings)
        inside += value.low <= truth <= value.high
    return inside / experiments


def test_intervals_cover_the_truth():
    assert coverage(120) >= 0.89


def test_intervals_are_no_wider_than_they_need_be():
    halves = [estimate.high - estimate.mean for estimate, _ in map(simulate, range(60))]
    errors = [estimate.mean - truth for estimate, truth in map(simulate, range(60))]
    assert np.mean(halves) < 2.6 * np.std(errors)


@pytest.mark.soak
@pytest.mark.parametrize("repeats", [5, 10])
def test_intervals_cover_the_truth_in_93_to_97_of_100(repeats):
    assert 0.93 <= coverage(1000, repeats=repeats) <= 0.97
