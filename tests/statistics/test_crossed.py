"""Means over seeds, draws and patients, against simulated layouts of known variance."""

import numpy as np
import pytest
from scipy import stats

from radtex.statistics.crossed import Crossed, crossed_estimates
from radtex.statistics.intervals import estimate, over_pools


def layout(rng, seeds=1, draws=10, patients=200, between=0.0, share=0.3):
    """One recipe's values around 0; draws take a share of their pool, seeds differ by `between`."""
    common, own = np.sqrt(share), np.sqrt(1 - share)
    of_draws = common * rng.normal() + own * rng.normal(size=draws)
    of_both = common * rng.normal(size=(seeds, 1)) + own * rng.normal(size=(seeds, draws))
    effects = (
        8 * rng.normal(size=patients)
        + 4 * rng.normal(size=(seeds, 1, patients))
        + 4 * rng.normal(size=(1, draws, patients))
        + 4 * rng.normal(size=(seeds, draws, patients))
    )
    values = between * rng.normal(size=(seeds, 1)) + 0.5 * of_draws + 0.7 * of_both
    values = values + effects.mean(-1)
    influence = (effects - effects.mean(-1, keepdims=True)) / np.sqrt(patients * (patients - 1))
    spread = over_pools(values.T, np.array(share)).T
    moved = over_pools(influence.swapaxes(0, 1), np.array(share)).swapaxes(0, 1)
    return Crossed(spread[..., None], moved[:, :, None])


def held(experiments, **settings):
    """How often an interval of a mean holds 0, and that of a difference of two recipes does."""
    inside, without = 0, 0
    for seed in range(experiments):
        rng = np.random.default_rng(seed)
        one, other = layout(rng, **settings), layout(rng, **settings)
        (value,) = crossed_estimates([one])
        (difference,) = crossed_estimates(one.minus(other, same_seeds=False))
        inside += value.low <= 0 <= value.high
        without += difference.p >= 0.05
        assert (difference.p < 0.05) == (difference.low > 0 or difference.high < 0)
    return inside / experiments, without / experiments


def test_one_seed_whose_patients_agree_in_all_draws_is_what_estimate_says():
    rng = np.random.default_rng(0)
    repeats, influence = rng.normal(0.7, 0.02, 8), rng.normal(0, 0.001, 90)
    (found,) = crossed_estimates(
        [Crossed(repeats[None, :, None], np.tile(influence, (1, 8, 1, 1)))]
    )
    expected = estimate(repeats, influence)
    assert (found.mean, found.low, found.high, found.p) == pytest.approx(
        (expected.mean, expected.low, expected.high, expected.p)
    )


def test_what_patients_make_of_a_draw_is_counted_once():
    """Draws that differ by the luck of their test patients alone: the patients' variance is all."""
    rng = np.random.default_rng(1)
    effects = rng.normal(size=(40, 300))
    moved = (effects - effects.mean(1, keepdims=True)) / 300
    (found,) = crossed_estimates([Crossed(effects.mean(1)[None, :, None], moved[None, :, None])])
    error = np.sqrt((moved.mean(0) ** 2).sum())
    assert (found.high - found.mean) / error < 2.6
    assert estimate(effects.mean(1), moved.mean(0)).high > found.high


def test_seeds_that_agree_add_nothing_and_seeds_that_differ_carry_their_own_degrees():
    one = layout(np.random.default_rng(2))
    alike = Crossed(np.repeat(one.repeats, 3, 0), np.repeat(one.influence, 3, 0))
    (alone,), (together,) = crossed_estimates([one]), crossed_estimates([alike])
    assert (alone.low, alone.p) == pytest.approx((together.low, together.p))
    apart = np.array([-1.0, 0.0, 1.0])[:, None, None] + 0 * one.repeats
    (found,) = crossed_estimates([Crossed(apart, np.zeros((3, 10, 1, 5)))])
    assert found.high == pytest.approx(stats.t.ppf(0.975, 2) / np.sqrt(3))
    assert found.p == 1


def test_the_same_seeds_are_paired_one_by_one():
    rng = np.random.default_rng(3)
    one = layout(rng, seeds=3, between=2.0)
    other = Crossed(one.repeats + 0.1, one.influence)
    (paired,) = crossed_estimates(other.minus(one, same_seeds=True))
    (others,) = crossed_estimates(other.minus(one, same_seeds=False))
    assert paired.low == pytest.approx(paired.high)
    assert others.high - others.low > 1


def test_weighted_sums_are_those_of_values_and_influences():
    rng = np.random.default_rng(4)
    crossed = Crossed(rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 5, 3, 7)))
    weights = np.array([[1.0, 0, 0], [0.2, 0.3, 0.5]])
    found = crossed.weighted(weights)
    np.testing.assert_allclose(found.repeats[..., 0], crossed.repeats[..., 0])
    np.testing.assert_allclose(
        found.influence[:, :, 1], np.einsum("k,srkp->srp", weights[1], crossed.influence)
    )


def test_p_agrees_with_the_interval_where_quantiles_of_a_tiny_p_overflow():
    rng = np.random.default_rng(453)
    one, other = layout(rng, seeds=3), layout(rng, seeds=3)
    (found,) = crossed_estimates(one.minus(other, same_seeds=False))
    assert found.low < 0 < found.high
    assert 0.3 < found.p < 0.5


def test_one_draw_and_no_variance_are_served():
    rng = np.random.default_rng(5)
    (one,) = crossed_estimates([layout(rng, seeds=3, draws=1)])
    assert one.low < one.mean < one.high
    (sure,) = crossed_estimates([Crossed(np.full((2, 3, 1), 0.5), np.zeros((2, 3, 1, 4)))])
    assert (sure.low, sure.high, sure.p) == (0.5, 0.5, 0)


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_intervals_hold_the_truth(seeds):
    means, differences = held(100, seeds=seeds, between=0 if seeds == 1 else 0.7)
    assert means >= 0.88
    assert differences >= 0.88


@pytest.mark.soak
@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("between", [0.0, 0.5, 1.0, 3.0])
def test_intervals_hold_the_truth_in_93_of_100(seeds, between):
    means, differences = held(2000, seeds=seeds, between=between)
    print(f"{seeds} seeds, {between}: {means:.3f} {differences:.3f}")
    assert means >= 0.93
    assert differences >= 0.94
