import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from fixtures.binormal import resampled, scored
from radtex.statistics.intervals import estimate
from radtex.transfer.measures.measured import DefiniteStudies
from radtex.transfer.measures.recalibration import recalibrate


def naive_newton(logits, outcomes, slope=True):
    """Intercept and slope of a logistic regression; the intercept alone where the slope is 1."""
    rows = [(1.0, logit) if slope else (1.0,) for logit in logits]
    at = np.zeros(len(rows[0]))
    for _ in range(60):
        gradient, hessian = np.zeros(len(at)), np.zeros((len(at), len(at)))
        for row, logit, outcome in zip(np.array(rows), logits, outcomes, strict=True):
            chance = 1 / (1 + np.exp(-(row @ at + (0 if slope else logit))))
            gradient += row * (outcome - chance)
            hessian += np.outer(row, row) * chance * (1 - chance)
        at = at + np.linalg.solve(hessian, gradient)
    return at


def test_slope_and_intercept_are_those_of_a_newton_fit():
    logits, tested = scored(1, patients=80, shape=(1, 1))
    found = recalibrate(logits.numpy(), tested)
    single, outcomes = logits[:, 0].numpy(), tested.positive
    assert found.slope.values[0, 0] == pytest.approx(naive_newton(single, outcomes)[1])
    assert found.intercept.values[0, 0] == pytest.approx(naive_newton(single, outcomes, False)[0])
    ratio = tested.positive.sum() / expit(single).sum()
    assert np.exp(found.log_ratio.values[0, 0]) == pytest.approx(ratio)


def test_all_repeats_are_fitted_together_and_their_parts_average_to_the_fit():
    logits, tested = scored(2, shape=(4, 1))
    found = recalibrate(logits.numpy(), tested)
    model = LogisticRegression(C=1e12, max_iter=10_000, tol=1e-10)
    model.fit(logits.numpy().reshape(-1, 1), np.repeat(tested.positive, 4))
    assert found.slope.values.shape == (4, 1)
    assert found.slope.values.mean() == pytest.approx(model.coef_[0, 0], rel=1e-4)
    assert found.slope.influence.shape == (1, tested.patient_count)


@pytest.mark.parametrize("measure", ["slope", "intercept", "log_ratio"])
def test_the_variance_is_that_of_a_bootstrap_over_patients(measure):
    logits, tested = scored(4, patients=500, shape=(1, 1))
    replicates = [
        getattr(recalibrate(drawn.numpy(), studies), measure).values[0, 0]
        for drawn, studies in resampled(logits, tested, 300)
    ]
    moved = getattr(recalibrate(logits.numpy(), tested), measure).influence
    assert 0.75 < (moved**2).sum() / np.var(replicates) < 1.35


@pytest.mark.parametrize("measure", ["slope", "intercept", "log_ratio"])
def test_the_spread_of_the_repeats_is_that_of_new_ones(measure):
    """Draws differ in slope and offset; their part of the variance is seen in one experiment."""
    rng = np.random.default_rng(0)
    positive = rng.random(1500) < 0.3
    truth = rng.normal(size=1500) + 1.5 * positive - 1

    def experiment():
        slopes, offsets = rng.normal(1, 0.2, 8), rng.normal(0, 0.3, 8)
        tested = DefiniteStudies(positive, np.arange(1500), 1500)
        return getattr(recalibrate(truth[:, None] * slopes + offsets, tested), measure).values[:, 0]

    drawn = np.stack([experiment() for _ in range(120)])
    claimed = (drawn.var(1, ddof=1) / 8).mean()
    assert 0.75 < claimed / drawn.mean(1).var(ddof=1) < 1.35


def test_intervals_cover_the_truth():
    truth = recalibrate(scored(999, patients=20_000, shape=(1, 1))[0].numpy(),
                        scored(999, patients=20_000, shape=(1, 1))[1])  # fmt: skip
    inside = dict.fromkeys(("slope", "intercept", "log_ratio"), 0)
    for seed in range(120):
        logits, tested = scored(600 + seed, shape=(4, 1))
        found = recalibrate(logits.numpy(), tested)
        for name in inside:
            measured = getattr(found, name)
            value = estimate(measured.values[:, 0], measured.influence[0])
            inside[name] += value.low <= getattr(truth, name).values.mean() <= value.high
    assert min(inside.values()) >= 0.88 * 120


def test_where_there_is_no_slope_there_is_none():
    tested = DefiniteStudies(np.arange(40) < 20, np.arange(40), 40)
    apart = np.where(tested.positive, 2.0, -2.0)[:, None]
    assert recalibrate(apart, tested).slope is None  # told apart without an error
    assert recalibrate(apart, tested).intercept.values[0, 0] == pytest.approx(0, abs=1e-9)
    assert recalibrate(np.full((40, 2), 0.3), tested).slope is None  # all alike
    certain = np.where(tested.positive, -900.0, 900.0)[:, None]
    assert recalibrate(certain, tested).intercept is None  # certain, and always wrong
    none = recalibrate(np.full((40, 2), -2000.0), tested)
    assert (none.slope, none.intercept, none.log_ratio) == (None, None, None)
