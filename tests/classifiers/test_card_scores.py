"""The scores of a model card against scipy and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from radtex.classifiers.card_scores import score_target
from radtex.statistics.thresholds import Thresholds


def test_scores_are_those_of_scikit_learn_within_their_intervals() -> None:
    rng = np.random.default_rng(1)
    positive = rng.random(200) < 0.4
    probabilities = np.clip(rng.normal(0.3, 0.2, 200) + 0.2 * positive, 0, 1)
    scores = score_target(probabilities, positive, np.arange(200) // 2, Thresholds(0.4, 0.2))
    assert (scores.studies, scores.positive) == (200, positive.sum())
    assert scores.auc.value == pytest.approx(roc_auc_score(positive, probabilities))
    assert scores.brier.value == pytest.approx(brier_score_loss(positive, probabilities))
    assert scores.sensitivity["youden"].value == (probabilities[positive] >= 0.4).mean()
    assert scores.specificity["sensitive"].value == (probabilities[~positive] < 0.2).mean()
    for interval in (scores.auc, scores.brier, *scores.sensitivity.values()):
        assert 0 <= interval.low < interval.value < interval.high <= 1
