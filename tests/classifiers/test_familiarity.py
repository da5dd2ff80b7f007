"""The distance against scikit-learn, and what made its forerunner explode."""

import numpy as np
import torch
from sklearn.covariance import LedoitWolf

from radtex.classifiers.familiarity import COMPONENTS, Familiarity, fit_familiarity


def normal(count: int, width: int, seed: int) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(9).normal(size=(width, width)) / width**0.5
    return torch.from_numpy(3 + rng.normal(size=(count, width)) @ mixing)


def unit(features: torch.Tensor) -> torch.Tensor:
    return features / features.norm(dim=1, keepdim=True)


def test_the_distance_is_mahalanobis_under_the_covariance_of_ledoit_and_wolf() -> None:
    features, others = normal(60, 20, 0), normal(10, 20, 1)
    oracle = LedoitWolf().fit(unit(features).numpy())
    expected = oracle.mahalanobis(unit(others).numpy()) / 20
    np.testing.assert_allclose(fit_familiarity(features).distance(others), expected, rtol=1e-6)


def test_leaving_the_components_counts_by_the_mean_variance_of_the_rest() -> None:
    width = COMPONENTS + 30
    features, others = normal(80, width, 0), normal(5, width, 1)
    familiarity = fit_familiarity(features)
    assert familiarity.components.shape == (COMPONENTS, width)
    moved = unit(others) - unit(features).mean(0)
    along = moved @ familiarity.components.T
    beside = moved - along @ familiarity.components
    expected = (along**2 / familiarity.variances).sum(1) + (beside**2).sum(1) / familiarity.rest
    np.testing.assert_allclose(familiarity.distance(others), expected / width, rtol=1e-6)


def test_more_contrast_is_not_stranger() -> None:
    features, others = normal(60, 20, 0), normal(10, 20, 1)
    familiarity = fit_familiarity(features)
    np.testing.assert_allclose(familiarity.distance(3 * others), familiarity.distance(others))


def test_a_feature_that_one_film_has_does_not_make_it_a_thousand_times_as_strange() -> None:
    """Standardised, the first held-out film with a rarely active feature was 10,000 away."""
    features = normal(100, 50, 0).abs()
    features[:, -1] = 0
    features[0, -1] = 1e-4
    held_out = features[1:2].clone()
    held_out[0, -1] = 0.5
    familiarity = fit_familiarity(features)
    assert familiarity.distance(held_out)[0] < 5
    deviation, mean = torch.std_mean(features, 0, correction=0)
    standardised = Familiarity(
        mean, 1 / deviation, familiarity.components, familiarity.variances, 1.0
    )
    assert standardised.distance(held_out)[0] > 10_000


def test_a_feature_that_never_changes_is_no_trouble() -> None:
    features = torch.cat([normal(50, 8, 0), torch.zeros(50, 1)], 1)
    assert np.isfinite(fit_familiarity(features).distance(features)).all()
