import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from radtex.transfer.protocols.label_prior.mined_head import fit_mined_head


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


def test_too_few_patients_make_no_head():
    labels = np.zeros(50, np.float32)
    labels[:8] = 1  # of four patients
    head = fit_mined_head(torch.randn(50, 6), labels, np.arange(50) // 2, "Edema", 0)
    assert (head.weights == 0).all()
    assert "positive studies of 4 patients" in head.facts["reason"]
