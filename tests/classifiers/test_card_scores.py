"""The scores of a model card against scipy and scikit-learn."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss, roc_auc_score

from radtex.classifiers.card_scores import proportion, score_target
from radtex.statistics.intervals import wilson
from radtex.statistics.thresholds import Thresholds


@pytest.mark.parametrize("hits", [0, 1, 17, 40])
def test_the_interval_of_a_share_is_wilsons_with_a_study_per_patient(hits: int) -> None:
    found = proportion(np.arange(40) < hits, np.arange(40))
    expected = binomtest(hits, 40).proportion_ci(method="wilson")
    assert found.value == hits / 40
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_patients_whose_studies_agree_count_once() -> None:
    holds = np.arange(20) < 7
    once = proportion(holds, np.arange(20))
    twice = proportion(np.repeat(holds, 2), np.repeat(np.arange(20), 2))
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high))


def test_studies_of_one_patient_are_as_uncertain_as_one_study() -> None:
    alone, one = proportion(np.arange(20) < 7, np.zeros(20, int)), wilson(7 / 20, 1)
    assert (alone.low, alone.high) == (one.low, one.high)


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
