import numpy as np
import pytest
import torch
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from fixtures.binormal import SHAPE, resampled, scored
from radtex.transfer.measures.calibration import (
    BINS,
    LEAST_IN_A_BIN,
    Reliability,
    brier,
    reliability,
    reliability_bins,
)
from radtex.transfer.measures.measured import DefiniteStudies


def test_brier_is_that_of_scikit_learn():
    logits, tested = scored(0)
    probability = torch.sigmoid(logits).numpy()
    measured = brier(probability, tested, SHAPE)
    for repeat in range(3):
        for budget in range(2):
            expected = brier_score_loss(tested.positive, probability[:, 2 * repeat + budget])
            np.testing.assert_allclose(measured.values[repeat, budget], expected)


def test_the_variance_of_brier_is_that_of_a_bootstrap_over_patients():
    logits, tested = scored(4, patients=500, shape=(1, 1))
    probability = torch.sigmoid(logits)
    replicates = [
        brier(scores.numpy(), studies, (1, 1)).values[0, 0]
        for scores, studies in resampled(probability, tested, 300)
    ]
    moved = brier(probability.numpy(), tested, (1, 1)).influence
    assert 0.75 < (moved**2).sum() / np.var(replicates) < 1.35


def test_reliability_is_that_of_scikit_learn():
    logits, tested = scored(2, shape=(1, 1))
    probability = torch.sigmoid(logits).numpy()
    bins = reliability(probability, tested)
    observed, predicted = calibration_curve(tested.positive, probability[:, 0], n_bins=BINS)
    counts = bins.counts.sum(1)
    there = counts > 0
    np.testing.assert_allclose(bins.positives.sum(1)[there] / counts[there], observed)
    np.testing.assert_allclose(bins.predicted[there] / counts[there], predicted)


def test_bins_join_targets_and_leave_out_those_of_few_patients():
    patients = np.arange(30)
    tested = DefiniteStudies(patients % 3 == 0, patients, 30)
    few = LEAST_IN_A_BIN - 1
    low = np.where(patients < few, 0.95, 0.05)[:, None]
    one = reliability(low, tested)
    (only,) = reliability_bins([one])
    assert only.predictions == 30 - few
    assert only.predicted == pytest.approx(0.05)
    assert only.observed.mean == pytest.approx(tested.positive[few:].mean())
    assert reliability_bins([one, one])[0].predictions == 2 * (30 - few)
    assert reliability_bins([]) == ()


def test_a_bin_without_positives_still_has_an_interval():
    patients = np.arange(40)
    none = Reliability(np.zeros(BINS), np.zeros((BINS, 40)), np.zeros((BINS, 40)))
    counts = none.counts.copy()
    counts[3, patients] = 1
    (only,) = reliability_bins([Reliability(none.predicted, counts, none.positives)])
    assert (only.observed.mean, only.observed.low) == (0, 0)
    assert only.observed.high == pytest.approx(1 - 0.025 ** (1 / 40))
