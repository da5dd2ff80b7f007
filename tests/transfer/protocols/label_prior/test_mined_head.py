import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from radtex.transfer.protocols.label_prior import mined_head as module
from radtex.transfer.protocols.label_prior.mined_head import (
    MinedHead,
    fit_mined_head,
    fit_mined_heads,
)
from radtex.transfer.sampling.draws import stream_of
from radtex.transfer.sampling.folds import grouped_folds


@pytest.mark.parametrize("width", [8, 300])
def test_the_head_is_that_of_scikit_learn_with_few_and_many_features(width):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, width)) * 10.0 ** rng.uniform(-1, 1, width) + 2
    labels = (features[:, 0] / features[:, 0].std() + rng.normal(size=400) > 2).astype(np.float32)
    labels[::7] = np.nan
    head = fit_mined_head(
        torch.tensor(features, dtype=torch.float32), labels, np.arange(400) // 2, "Edema", 0
    )
    definite = ~np.isnan(labels)
    assert head.facts["mined"] == definite.sum()
    assert head.facts["mined_positive"] == np.nansum(labels)
    scaler = StandardScaler().fit(features[definite])
    model = LogisticRegression(C=head.facts["c"], tol=1e-8, max_iter=10_000)
    model.fit(scaler.transform(features[definite]), labels[definite])
    expected = model.decision_function(scaler.transform(features))
    found = features @ head.weights.double().numpy()
    difference = (found - found.mean()) - (expected - expected.mean())
    assert np.abs(difference).max() < 0.03 * expected.std()
    whole = found + head.intercept
    assert np.abs(whole - expected).max() < 0.03 * expected.std()


def test_each_film_is_held_out_with_its_patient():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(200, 5))
    labels = (features[:, 0] + rng.normal(size=200) > 0.5).astype(np.float32)
    labels[::9] = np.nan
    patients = np.arange(200) // 2
    head = fit_mined_head(torch.tensor(features, dtype=torch.float32), labels, patients, "Edema", 0)
    definite = np.flatnonzero(~np.isnan(labels))
    assert np.array_equal(np.isnan(head.held_out), np.isnan(labels))
    rng = np.random.default_rng([0, stream_of("mined Edema")])
    folds = grouped_folds(labels[definite] == 1, patients[definite], rng)
    scaled = StandardScaler().fit(features[definite]).transform(features[definite])
    positive = labels[definite] == 1
    model = LogisticRegression(C=head.facts["c"], tol=1e-8, max_iter=10_000)
    whole = model.fit(scaled, positive).intercept_[0]
    for fold in range(folds.max() + 1):
        out = folds == fold
        expected = scaled[out] @ model.fit(scaled[~out], positive[~out]).coef_[0] + whole
        assert np.abs(head.held_out[definite[out]] - expected).max() < 0.05 * expected.std()


@pytest.mark.parametrize("width", [5, 300])
def test_heads_that_are_fitted_together_are_those_of_each_target(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(2)
    features = torch.tensor(rng.normal(size=(300, width)), dtype=torch.float32)
    known = features[:, :5].numpy() + rng.normal(size=(300, 5)) > 0.7
    labels = known.astype(np.float32)
    labels[::7, 1] = np.nan  # of other films than the first three
    labels[::7, 2] = np.nan
    labels[:, 3] = 0  # too few
    names, patients = list("abcde"), np.arange(300) // 2

    def closely(found: MinedHead, expected: MinedHead) -> None:
        torch.testing.assert_close(found.weights, expected.weights, rtol=0, atol=2e-3)
        np.testing.assert_allclose(found.held_out, expected.held_out, rtol=0, atol=1e-2)
        assert found.facts == expected.facts
        assert found.told == expected.told
        assert found.intercept == pytest.approx(expected.intercept, abs=1e-2)

    alone = [
        fit_mined_head(features, labels[:, column], patients, name, 0)
        for column, name in enumerate(names)
    ]
    assert "reason" in alone[3].facts
    for at_once in (4_000_000, 300 * 6 * 2, 1):
        monkeypatch.setattr(module, "_ENTRIES_AT_ONCE", at_once)
        found = fit_mined_heads(features, labels, patients, names, 0)
        for each, expected in zip(found, alone, strict=True):
            closely(each, expected)


def test_too_few_patients_make_no_head():
    labels = np.zeros(50, np.float32)
    labels[:8] = 1  # of four patients
    head = fit_mined_head(torch.randn(50, 6), labels, np.arange(50) // 2, "Edema", 0)
    assert (head.weights == 0).all()
    assert head.intercept == pytest.approx(np.log(8.5 / 42.5))
    assert "positive studies of 4 patients" in head.facts["reason"]


def test_a_head_says_whether_it_tells_the_labels_of_films_held_out():
    rng = np.random.default_rng(3)
    features = torch.tensor(rng.normal(size=(300, 20)), dtype=torch.float32)
    known = (features[:, 0].numpy() + rng.normal(size=300) > 0).astype(np.float32)
    patients = np.arange(300)
    assert fit_mined_head(features, known, patients, "Edema", 0).told
    told = [
        fit_mined_head(features, rng.permutation(known), patients, "Edema", seed).told
        for seed in range(10)
    ]
    assert sum(told) <= 4
