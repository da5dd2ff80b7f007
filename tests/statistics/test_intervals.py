"""Intervals and p values, against closed forms, scipy and simulated experiments."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from radtex.statistics.auc import auc, influence
from radtex.statistics.intervals import estimate, estimates, holm, over_pools, wilson

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


def test_many_at_once_are_what_each_is_alone():
    rng = np.random.default_rng(2)
    repeats, influence = rng.normal(0.7, 0.02, (6, 4)), rng.normal(0, 0.001, (4, 90))
    repeats[:, 3], influence[3] = 0.5, 0
    alone = [estimate(repeats[:, each], influence[each]) for each in range(4)]
    for one, other in zip(estimates(repeats, influence), alone, strict=True):
        np.testing.assert_allclose(
            [one.mean, one.low, one.high, one.p], [other.mean, other.low, other.high, other.p]
        )


def naive_delong(scores, positive, patient):
    """The z statistic of Obuchowski's clustered DeLong test of two AUCs, in plain loops.

    His S10, S01 and S11 of the sums per cluster, for the difference of the two columns.
    """
    above, below = scores[positive], scores[~positive]
    share = np.zeros(len(scores))
    for place, (row, side) in enumerate(zip(scores, positive, strict=True)):
        for column, sign in ((0, 1), (1, -1)):
            others = below if side else above
            wins = [
                np.heaviside((row[column] - each[column]) * (1 if side else -1), 0.5)
                for each in others
            ]
            share[place] += sign * np.mean(wins)
    difference = share[positive].mean()
    clusters = sorted(set(patient.tolist()))
    counts = {True: positive.sum(), False: (~positive).sum()}
    sums = {
        side: [
            (share[(positive == side) & (patient == each)] - difference).sum() for each in clusters
        ]
        for side in (True, False)
    }
    held = {side: len(set(patient[positive == side].tolist())) for side in (True, False)}
    factor = {side: held[side] / (held[side] - 1) for side in (True, False)}
    variance = sum(
        factor[side] * sum(each**2 for each in sums[side]) / counts[side] ** 2
        for side in (True, False)
    )
    between = sum(one * other for one, other in zip(sums[True], sums[False], strict=True))
    variance += 2 * np.sqrt(factor[True] * factor[False]) * between / (counts[True] * counts[False])
    return difference, difference / np.sqrt(variance)


def test_one_draw_of_one_pair_is_the_clustered_test_of_delong():
    rng = np.random.default_rng(8)
    patient = np.repeat(np.arange(120), rng.integers(1, 4, 120))
    positive = rng.random(len(patient)) < 0.3
    scores = rng.normal(size=(120, 2))[patient] + rng.normal(size=(len(patient), 2))
    scores = (scores + positive[:, None] * (1.2, 0.7)).round(1)
    reached, components = auc(torch.tensor(scores), positive)
    moved = influence(components.numpy(), positive, patient, 120)
    value = estimate(reached[:1] - reached[1:], moved[:, 0] - moved[:, 1])
    difference, z = naive_delong(scores, positive, patient)
    assert value.mean == pytest.approx(difference)
    normal = 2 * stats.norm.sf(abs(z))
    freedom = [degrees for degrees in (20, 119) if 2 * stats.t.sf(abs(z), degrees) >= value.p]
    assert freedom == [20]
    assert normal < value.p < 1.5 * normal + 0.01


def test_repeats_of_one_pool_are_spread_as_those_of_other_pools():
    rng = np.random.default_rng(3)
    repeats, share = rng.normal(0.7, 0.02, (8, 3)), np.array([0.0, 0.25, 0.5])
    spread = over_pools(repeats, share)
    np.testing.assert_allclose(spread.mean(0), repeats.mean(0))
    of_one = repeats.var(axis=0, ddof=1)
    np.testing.assert_allclose(
        spread.var(axis=0, ddof=1) / 8, of_one / 8 + of_one * share / (1 - share)
    )


def test_a_pool_drawn_whole_gives_an_interval_all_the_same():
    repeats = np.array([0.70, 0.74, 0.71, 0.79])
    whole, nearly = (estimate(over_pools(repeats, np.array(s)), nothing) for s in (1.0, 0.95))
    assert np.isfinite(whole.high)
    assert (whole.low, whole.high) == (nearly.low, nearly.high)
    assert estimate(over_pools(np.full(4, 0.7), np.array(1.0)), nothing).high == pytest.approx(0.7)


def test_means_of_overlapping_draws_vary_over_pools_as_said():
    """Draws of half a pool: means of numbers, whose variance over pools is known."""
    inside = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        pool = rng.normal(size=60)
        repeats = np.array([rng.permutation(pool)[:30].mean() for _ in range(12)])
        value = estimate(over_pools(repeats, np.array(0.5)), nothing)
        inside += value.low <= 0 <= value.high
    assert 0.92 <= inside / 400 <= 0.98


def test_no_variance_is_a_point():
    assert estimate(np.zeros(3), nothing).p == 1
    sure = estimate(np.full(3, 0.5), nothing)
    assert (sure.low, sure.high, sure.p) == (0.5, 0.5, 0)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_of_a_share_is_that_of_scipy(hits_of):
    hits, count = hits_of
    found = wilson(hits / count, count)
    expected = stats.binomtest(hits, count).proportion_ci(method="wilson")
    assert found.value == hits / count
    np.testing.assert_allclose((found.low, found.high), (expected.low, expected.high), atol=1e-12)
    assert 0 <= found.low <= found.high <= 1


def test_fewer_independent_cases_widen_wilsons_interval_smoothly():
    widths = [wilson(0.3, count).high - wilson(0.3, count).low for count in (40, 39.5, 10.2, 1.5)]
    assert widths == sorted(widths)
    assert widths[1] - widths[0] < 0.01


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


def simulate_pair(seed, repeats=10, patients=250):
    """The estimated and the true difference of two encoders on the same draws and patients."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), rng.integers(1, 4, patients))
    positive = (rng.random(patients) < 0.25)[patient]
    shared = rng.normal(size=(patients, 1))[patient] + rng.normal(size=(len(patient), 1))
    lucky = 0.3 * rng.normal(size=repeats)
    reached, moved, truth = [], [], []
    for lift in (1.3, 1.0):
        lifts = lift + lucky + 0.3 * rng.normal(size=repeats)
        scores = shared + rng.normal(size=(len(patient), repeats)) + positive[:, None] * lifts
        values, components = auc(torch.tensor(scores), positive)
        reached.append(values)
        mean = components.numpy().mean(1, keepdims=True)
        moved.append(influence(mean, positive, patient, patients)[:, 0])
        truth.append(stats.norm.cdf(lift / np.sqrt(2 * 3 + 0.18)))
    return estimate(reached[0] - reached[1], moved[0] - moved[1]), truth[0] - truth[1]


def coverage(experiments, experiment=simulate, **settings):
    inside = 0
    for seed in range(experiments):
        value, truth = experiment(seed, **settings)
        inside += value.low <= truth <= value.high
    return inside / experiments


def test_intervals_cover_the_truth():
    assert coverage(120) >= 0.89


def test_intervals_of_paired_differences_cover_the_truth():
    assert coverage(120, simulate_pair) >= 0.89


def test_intervals_are_no_wider_than_they_need_be():
    halves = [estimate.high - estimate.mean for estimate, _ in map(simulate, range(60))]
    errors = [estimate.mean - truth for estimate, truth in map(simulate, range(60))]
    assert np.mean(halves) < 2.6 * np.std(errors)


@pytest.mark.soak
@pytest.mark.parametrize("repeats", [5, 10])
def test_intervals_cover_the_truth_in_93_to_97_of_100(repeats):
    assert 0.93 <= coverage(1000, repeats=repeats) <= 0.97


@pytest.mark.soak
@pytest.mark.parametrize("repeats", [5, 10])
def test_intervals_of_paired_differences_cover_the_truth_in_93_to_97_of_100(repeats):
    assert 0.93 <= coverage(1000, simulate_pair, repeats=repeats) <= 0.97
