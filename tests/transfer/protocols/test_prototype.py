import numpy as np
import torch
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import StandardScaler

from radtex.transfer.protocols.prototype import likeness_to_prototypes
from radtex.transfer.sampling.draws import draw


def test_scores_are_those_of_a_loop_over_scikit_learns_centroids():
    rng = np.random.default_rng(2)
    features = 3 + rng.normal(size=(200, 15)) * 10.0 ** rng.uniform(-1, 1, 15)
    labels = (features[:, 0] > np.quantile(features[:, 0], 0.7)).astype(np.float32)
    draws = draw(0, "Edema", labels[:150], np.arange(150), (20, 60), 2, 0)
    tensor = torch.tensor(features)
    scores = likeness_to_prototypes(tensor, tensor[150:], draws, "likeness")
    assert scores.shape == (4, 50)
    for place, each in enumerate(draws):
        x = StandardScaler().fit(features[each.studies]).transform(features)
        centroids = NearestCentroid().fit(x[each.studies], each.positive).centroids_
        likeness = cosine_similarity(x[150:], centroids)
        np.testing.assert_allclose(scores[place].numpy(), likeness[:, 1] - likeness[:, 0])


def test_a_feature_constant_in_the_draw_counts_for_nothing():
    features = torch.randn(60, 5, generator=torch.Generator().manual_seed(0))
    labels = (features[:, 0] > 0).numpy().astype(np.float32)
    draws = draw(0, "Edema", labels, np.arange(60), (20,), 1, 0)
    wider = torch.cat([features, torch.full((60, 1), 7.0)], 1)
    wider[np.setdiff1d(np.arange(60), draws[0].studies), 5] = 1e6
    plain, padded = (
        likeness_to_prototypes(each, each, draws, "likeness") for each in (features, wider)
    )
    torch.testing.assert_close(padded, plain)
