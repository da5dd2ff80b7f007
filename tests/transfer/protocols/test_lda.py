import numpy as np
import pytest
import torch
from sklearn.covariance import ledoit_wolf
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from radtex.transfer.protocols.lda import discriminants
from radtex.transfer.protocols.registry import open_protocol
from radtex.transfer.sampling.draws import draw


@pytest.fixture(scope="module")
def pool():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, 30)) @ rng.normal(size=(30, 30)) + 3
    labels = (features[:, 0] + 3 * rng.normal(size=400) > 6).astype(np.float32)
    return features, labels


def drawn(labels, budgets=(40, 100)):
    return draw(0, "Edema", labels[:300], np.arange(300), budgets, 2, 0)


def test_discriminants_are_those_of_a_loop_over_draws(pool):
    features, labels = pool
    draws = drawn(labels)
    found = discriminants(torch.tensor(features[:300]), torch.tensor(features[300:]), draws).numpy()
    mean, deviation = features[:300].mean(0), features[:300].std(0)
    scaled = (features - mean) / deviation
    covariance, _ = ledoit_wolf(scaled[:300], assume_centered=True)
    for row, each in zip(found, draws, strict=True):
        own = scaled[each.studies]
        difference = own[each.positive].mean(0) - own[~each.positive].mean(0)
        np.testing.assert_allclose(row, scaled[300:] @ np.linalg.solve(covariance, difference))


def test_the_direction_is_that_of_scikit_learn_where_all_of_the_pool_is_labelled(pool):
    """The covariance about one mean gives the direction of that within classes."""
    features, labels = pool
    (each,) = draw(0, "Edema", labels, np.arange(400), (400,), 1, 0)
    wide = np.vstack([features] * 40)  # so that hardly anything is shrunk
    found = discriminants(torch.tensor(wide), torch.tensor(features), [each]).numpy()[0]
    expected = LinearDiscriminantAnalysis().fit(features, labels).decision_function(features)
    assert np.corrcoef(found, expected)[0, 1] > 0.999


def test_labels_outside_of_the_draw_are_not_read_and_a_constant_feature_has_no_part(pool):
    features, labels = pool
    constant = np.hstack([features, np.full((400, 1), 7.0)])
    draws = drawn(labels, (40,))
    plain, more = (
        discriminants(torch.tensor(each[:300]), torch.tensor(each[300:]), draws)
        for each in (features, constant)
    )
    assert more.isfinite().all()
    for one, other in zip(plain, more, strict=True):
        assert np.corrcoef(one, other)[0, 1] > 0.999


def test_it_is_a_protocol_whose_scores_are_no_probabilities(run, contestant):
    results = run([contestant("text", "radtex", 1)], budgets=(60,), protocol=open_protocol("lda"))
    assert results.mean_auc["text"][60].mean > 0.7
    assert results.classifiers["text"].brier == {}
    assert results.protocol["covariance"].startswith("all studies of the pool")
