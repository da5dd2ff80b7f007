import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_curve

from fixtures.binormal import SHAPE, resampled, scored
from radtex.statistics.intervals import estimate
from radtex.transfer.measures.sensitivity import SPECIFICITY, sensitivity


def test_the_sensitivity_is_the_roc_curves_at_the_specificity():
    scores, tested = scored(1)
    measured = sensitivity(scores.numpy(), tested, SHAPE)
    for column in range(6):
        false, true, _ = roc_curve(
            tested.positive, scores[:, column].numpy(), drop_intermediate=False
        )
        expected = true[false <= 1 - SPECIFICITY + 1e-12].max()
        assert measured.values.reshape(-1)[column] == pytest.approx(expected)


def test_the_variance_is_that_of_a_bootstrap_over_patients():
    logits, tested = scored(4, patients=500, shape=(1, 1))
    replicates = [
        sensitivity(scores.numpy(), studies, (1, 1)).values[0, 0]
        for scores, studies in resampled(logits, tested, 300)
    ]
    moved = sensitivity(logits.numpy(), tested, (1, 1)).influence
    assert 0.75 < (moved**2).sum() / np.var(replicates) < 1.35


def test_intervals_cover_the_truth():
    threshold = stats.norm.ppf(SPECIFICITY, -1, np.sqrt(3))
    truth = stats.norm.sf(threshold, 0.5, np.sqrt(3))
    inside, shape = 0, (4, 1)
    for seed in range(120):
        scores, tested = scored(100 + seed, shape=shape)
        measured = sensitivity(scores.numpy(), tested, shape)
        value = estimate(measured.values[:, 0], measured.influence[0])
        inside += value.low <= truth <= value.high
    assert inside >= 0.88 * 120
