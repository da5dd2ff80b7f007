import numpy as np
import torch
from sklearn.preprocessing import StandardScaler

from radtex.transfer.protocols.standardise import standardise


def test_features_are_scaled_as_scikit_learn_does_by_each_draw_alone():
    rng = np.random.default_rng(0)
    features = rng.normal(3, 5, (30, 4))
    studies = np.array([[1, 5, 9, 12], [0, 2, 5, 29]])
    found, mean, deviation = standardise(torch.from_numpy(features), torch.from_numpy(studies))
    for place, chosen in enumerate(studies):
        scaler = StandardScaler().fit(features[chosen])
        np.testing.assert_allclose(found[place], scaler.transform(features[chosen]))
        np.testing.assert_allclose(mean[place], scaler.mean_)
        np.testing.assert_allclose(deviation[place], scaler.scale_)


def test_a_constant_feature_becomes_0_and_its_deviation_infinite():
    features = torch.tensor([[1.0, 0.1], [2.0, 0.1], [3.0, 0.1], [9.0, 7.0]])
    found, _, deviation = standardise(features, torch.tensor([[0, 1, 2]]))
    assert found[0, :, 1].tolist() == [0, 0, 0]
    assert deviation[0, 1] == torch.inf
