"""The distance against scikit-learn, and the limit against what it promises."""

import numpy as np
import torch
from sklearn.covariance import LedoitWolf

from radtex.classifiers.abstention import COMPONENTS, fit_abstention, fit_familiarity


def normal(count: int, width: int, seed: int) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(9).normal(size=(width, width)) / width**0.5
    return torch.from_numpy(3 + rng.normal(size=(count, width)) @ mixing)


def test_the_distance_is_mahalanobis_under_the_covariance_of_ledoit_and_wolf() -> None:
    features, others = normal(60, 20, 0), normal(10, 20, 1)
    mean, deviation = features.mean(0), features.std(0, correction=0)
    oracle = LedoitWolf().fit(((features - mean) / deviation).numpy())
    expected = oracle.mahalanobis(((others - mean) / deviation).numpy()) / 20
    np.testing.assert_allclose(fit_familiarity(features).distance(others), expected, rtol=1e-6)


def test_leaving_the_components_counts_by_the_mean_variance_of_the_rest() -> None:
    width = COMPONENTS + 30
    features = normal(80, width, 0)
    familiarity = fit_familiarity(features)
    assert familiarity.components.shape == (79, width)
    standard = (normal(5, width, 1) - features.mean(0)) / features.std(0, correction=0)
    along = standard @ familiarity.components.T
    beside = standard - along @ familiarity.components
    expected = (along**2 / familiarity.variances).sum(1) + (beside**2).sum(1) / familiarity.rest
    np.testing.assert_allclose(
        familiarity.distance(normal(5, width, 1)), expected / width, rtol=1e-6
    )


def test_one_in_a_hundred_of_the_same_kind_is_refused_and_all_of_another() -> None:
    test = fit_abstention(normal(2000, 16, 0), np.arange(2000), np.random.default_rng(0))
    refused = test.familiarity.distance(normal(20_000, 16, 1)) > test.limit
    assert 0.006 < refused.mean() < 0.014
    assert (test.familiarity.distance(normal(50, 16, 2) + 20) > test.limit).all()
    assert test.reason(test.limit) == ""
    assert "distance 9.00, limit" in test.reason(9.0)


def test_a_patient_is_measured_from_other_patients_only() -> None:
    twice = normal(40, 60, 0).repeat_interleave(2, 0)
    held = fit_abstention(twice, np.repeat(np.arange(40), 2), np.random.default_rng(0))
    leaky = fit_abstention(twice, np.arange(80), np.random.default_rng(0))
    assert held.limit > 1.1 * leaky.limit


def test_a_feature_that_never_changes_is_ignored() -> None:
    features = normal(50, 8, 0)
    wider = torch.cat([features, torch.full((50, 1), 4.0)], 1)
    familiarity = fit_familiarity(wider)
    moved = wider.clone()
    moved[:, -1] = 1e6
    np.testing.assert_array_equal(familiarity.distance(moved), familiarity.distance(wider))
