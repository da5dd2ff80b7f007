import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from radtex.transfer.design import Design
from radtex.transfer.measures.without_labels import mean_without_labels, without_labels
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import Studies


def made():
    rng = np.random.default_rng(0)
    labels = (rng.random((200, 2)) < 0.4).astype(np.float32)
    labels[::9, 1] = np.nan
    studies = Studies(labels, np.arange(200), np.arange(200))
    scores = torch.tensor(rng.normal(size=(200, 2)) + np.nan_to_num(labels))
    return draw_experiment(studies, studies, Design(("a", "b"), (20,), 1)), scores


def test_the_auc_is_that_of_scikit_learn_and_influences_give_the_jackknifes_variance():
    experiment, scores = made()
    found = without_labels(experiment, scores)
    for column, labels in enumerate(experiment.test.labels.T):
        definite = ~np.isnan(labels)
        held = scores[definite, column].numpy()
        np.testing.assert_allclose(found.auc[column], roc_auc_score(labels[definite], held))
        parts = [
            roc_auc_score(np.delete(labels[definite], i), np.delete(held, i))
            for i in range(len(held))
        ]
        jackknife = np.var(parts) * (len(held) - 1)
        np.testing.assert_allclose((found.moved[column] ** 2).sum(), jackknife, rtol=0.05)


def test_a_target_of_which_nothing_is_known_has_one_half_for_certain():
    experiment, scores = made()
    scores[:, 0] = 0
    found = without_labels(experiment, scores)
    assert found.auc[0] == 0.5
    assert (found.moved[0] == 0).all()


def test_the_mean_over_seeds_needs_all_of_them():
    experiment, scores = made()
    one, other = without_labels(experiment, scores), without_labels(experiment, -scores)
    mean = mean_without_labels([one, other])
    np.testing.assert_allclose(mean.auc, 0.5)
    np.testing.assert_allclose(mean.moved, 0, atol=1e-12)
    assert mean_without_labels([one, None]) is None
