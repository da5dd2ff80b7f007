import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from fixtures.binormal import resampled, scored
from radtex.statistics.intervals import estimate
from radtex.transfer.measures.average_precision import average_precision
from radtex.transfer.measures.measured import DefiniteStudies


@pytest.mark.parametrize("digits", [9, 0], ids=["all differ", "ties"])
def test_it_is_that_of_scikit_learn(digits):
    scores, tested = scored(1, shape=(4, 1))
    rounded = scores.round(decimals=digits)
    measured = average_precision(rounded, tested)
    for repeat in range(4):
        expected = average_precision_score(tested.positive, rounded[:, repeat].numpy())
        assert measured.values[repeat, 0] == pytest.approx(expected)


def naive_influence(scores, positive):
    """The derivative with respect to each study's weight, by differences."""
    slopes = []
    for study in range(len(scores)):
        values = []
        for weight in (1 + 1e-5, 1 - 1e-5):
            weights = np.ones(len(scores))
            weights[study] = weight
            values.append(average_precision_score(positive, scores, sample_weight=weights))
        slopes.append((values[0] - values[1]) / 2e-5)
    return np.array(slopes)


@pytest.mark.parametrize("digits", [9, 1], ids=["all differ", "ties"])
def test_the_influence_is_the_derivative_by_each_studys_weight(digits):
    scores, tested = scored(2, patients=40, shape=(2, 1))
    rounded = scores.round(decimals=digits)
    measured = average_precision(rounded, tested)
    slopes = np.mean(
        [naive_influence(column.numpy(), tested.positive) for column in rounded.T], axis=0
    )
    expected = np.bincount(tested.patients, slopes, minlength=40) * np.sqrt(40 / 39)
    np.testing.assert_allclose(measured.influence[0], expected, atol=1e-7)
    assert measured.influence.sum() == pytest.approx(0, abs=1e-12)


def test_the_variance_is_that_of_a_bootstrap_over_patients():
    scores, tested = scored(4, patients=500, shape=(1, 1))
    replicates = [
        average_precision(drawn, studies).values[0, 0]
        for drawn, studies in resampled(scores, tested, 300)
    ]
    moved = average_precision(scores, tested).influence
    assert 0.75 < (moved**2).sum() / np.var(replicates) < 1.35


def test_scores_that_tell_nothing_have_the_prevalence():
    tested = DefiniteStudies(np.arange(50) % 5 == 0, np.arange(50), 50)
    measured = average_precision(torch.zeros(50, 2), tested)
    np.testing.assert_allclose(measured.values, 0.2)


def test_intervals_cover_the_truth():
    truth = average_precision(*scored(999, patients=20_000, shape=(1, 1))).values[0, 0]
    inside = 0
    for seed in range(120):
        measured = average_precision(*scored(300 + seed, shape=(4, 1)))
        value = estimate(measured.values[:, 0], measured.influence[0])
        inside += value.low <= truth <= value.high
    assert inside >= 0.88 * 120
