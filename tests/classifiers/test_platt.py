"""Out-of-fold logits and Platt's curve against scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from radtex.classifiers.platt import LEAST_SLOPE, fit_platt, out_of_fold
from radtex.transfer.protocols.probes import STRENGTHS, fit_probes
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.folds import grouped_folds


@pytest.fixture(scope="module")
def draw() -> tuple[np.ndarray, Draw]:
    rng = np.random.default_rng(3)
    positive = rng.random(80) < 0.3
    features = rng.normal(5, 2, (80, 12))
    features[:, :3] += 1.5 * positive[:, None]
    folds = grouped_folds(positive, np.arange(80) // 2, rng)
    return features, Draw(0, 0, 80, np.arange(80), positive, folds, False)


def test_each_logit_is_of_the_fit_that_left_its_fold_out(draw) -> None:
    features, drawn = draw
    probes = fit_probes(torch.from_numpy(features), [drawn], "probes")
    strength = STRENGTHS[int(probes.choices[0])]
    rows = (features - features.mean(0)) / features.std(0)
    whole = LogisticRegression(C=strength, tol=1e-8).fit(rows, drawn.positive)
    expected = np.empty(80)
    for fold in np.unique(drawn.folds):
        inside, outside = drawn.folds == fold, drawn.folds != fold
        fit = LogisticRegression(C=strength, tol=1e-8).fit(rows[outside], drawn.positive[outside])
        expected[inside] = rows[inside] @ fit.coef_[0] + whole.intercept_[0]
    found = out_of_fold(torch.from_numpy(features), drawn.positive, drawn.folds)
    np.testing.assert_allclose(found, expected, atol=0.05 * expected.std())


def test_a_feature_that_never_changes_says_nothing(draw) -> None:
    features, drawn = draw
    more = np.concatenate([features, np.full((80, 1), 7.0)], 1)
    np.testing.assert_allclose(
        out_of_fold(torch.from_numpy(more), drawn.positive, drawn.folds),
        out_of_fold(torch.from_numpy(features), drawn.positive, drawn.folds),
        atol=1e-6,
    )


def test_the_curve_is_a_logistic_regression_on_softened_labels() -> None:
    rng = np.random.default_rng(4)
    positive = rng.random(60) < 0.4
    logits = rng.normal(-3, 0.02, 60) + 0.02 * positive
    high, low = (positive.sum() + 1) / (positive.sum() + 2), 1 / ((~positive).sum() + 2)
    aims = np.where(positive, high, low)
    scaled = (logits - logits.mean()) / logits.std()
    oracle = LogisticRegression(C=1e10, tol=1e-10).fit(
        np.concatenate([scaled, scaled])[:, None],
        np.repeat([1, 0], 60),
        np.concatenate([aims, 1 - aims]),
    )
    platt = fit_platt(logits, positive)
    np.testing.assert_allclose(
        platt.probabilities(logits), oracle.predict_proba(scaled[:, None])[:, 1], atol=1e-4
    )


def test_the_order_of_the_probe_is_kept_even_where_held_out_labels_speak_against_it() -> None:
    logits = np.linspace(-1, 1, 20)
    platt = fit_platt(logits, logits < 0)
    assert platt.slope == pytest.approx(LEAST_SLOPE / logits.std())
    assert (np.diff(platt.probabilities(logits)) > 0).all()


def test_logits_that_are_all_equal_become_the_prevalence() -> None:
    positive = np.arange(40) < 10
    probability = fit_platt(np.full(40, -2.0), positive).probabilities(np.array([-2.0]))
    assert probability[0] == pytest.approx((10 * 11 / 12 + 30 / 32) / 40, abs=1e-4)
