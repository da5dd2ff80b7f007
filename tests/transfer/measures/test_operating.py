import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

from radtex.statistics.intervals import estimate
from radtex.transfer.measures.operating import SPECIFICITY, operate

SHAPE = (3, 2)  # repeats, budgets


def scored(seed, patients=300, lift=1.5, rate=0.3, shape=SHAPE):
    """Binormal logits (n, R · B) of 1 to 3 studies per patient, with labels and patients."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), rng.integers(1, 4, patients))
    positive = (rng.random(patients) < rate)[patient]
    common = (rng.normal(size=patients)[patient] + rng.normal(size=len(patient)))[:, None]
    scores = common + rng.normal(size=(len(patient), shape[0] * shape[1])) - 1
    return torch.tensor(scores + lift * positive[:, None]), positive, patient


def measured(scores, positive, patient, groups=None, shape=SHAPE, **options):
    return operate(scores, positive, patient, patient.max() + 1, shape, groups or {}, **options)


def test_brier_is_that_of_scikit_learn():
    scores, positive, patient = scored(0)
    brier = measured(scores, positive, patient).brier
    for repeat in range(3):
        for budget in range(2):
            probability = torch.sigmoid(scores[:, 2 * repeat + budget]).numpy()
            expected = brier_score_loss(positive, probability)
            np.testing.assert_allclose(brier.values[repeat, budget], expected)


def test_the_sensitivity_is_the_roc_curves_at_the_specificity():
    scores, positive, patient = scored(1)
    sensitivity = measured(scores, positive, patient).sensitivity
    for column in range(6):
        false, true, _ = roc_curve(positive, scores[:, column].numpy(), drop_intermediate=False)
        expected = true[false <= 1 - SPECIFICITY + 1e-12].max()
        assert sensitivity.values.reshape(-1)[column] == pytest.approx(expected)


def test_reliability_is_that_of_scikit_learn():
    scores, positive, patient = scored(2, shape=(1, 1))
    bins = measured(scores, positive, patient, shape=(1, 1)).reliability
    observed, predicted = calibration_curve(
        positive, torch.sigmoid(scores[:, 0]).numpy(), n_bins=10
    )
    counts = bins.counts.sum(1)
    there = counts > 0
    np.testing.assert_allclose(bins.positives.sum(1)[there] / counts[there], observed)
    np.testing.assert_allclose(bins.predicted[there] / counts[there], predicted)


def test_scores_that_are_no_logits_have_no_probabilities():
    result = measured(*scored(2), logits=False)
    assert result.brier is None
    assert result.reliability is None
    np.testing.assert_array_equal(
        result.sensitivity.values, measured(*scored(2)).sensitivity.values
    )


def test_a_groups_auc_is_that_of_its_studies_at_the_largest_budget():
    scores, positive, patient = scored(3)
    mask = patient % 3 == 0
    few = np.flatnonzero(positive)[:5]
    rare = np.isin(np.arange(len(positive)), few)
    result = measured(scores, positive, patient, {"third": mask, "rare": rare})
    assert list(result.subgroups) == ["third"]
    group = result.subgroups["third"]
    for which, value in ((mask, group.group), (~mask, group.rest)):
        for repeat in range(3):
            column = scores[:, 2 * repeat + 1].numpy()
            expected = roc_auc_score(positive[which], column[which])
            assert value.values[repeat, 0] == pytest.approx(expected)
    assert (group.studies, group.positive) == (mask.sum(), (mask & positive).sum())


@pytest.mark.parametrize("what", ["brier", "sensitivity"])
def test_the_variance_is_that_of_a_bootstrap_over_patients(what):
    scores, positive, patient = scored(4, patients=500, shape=(1, 1))
    rng = np.random.default_rng(5)
    studies_of = [np.flatnonzero(patient == each) for each in range(500)]
    replicates = []
    for _ in range(300):
        rows = np.concatenate([studies_of[each] for each in rng.integers(0, 500, 500)])
        renamed = np.arange(len(rows))
        again = measured(scores[rows], positive[rows], renamed, shape=(1, 1))
        replicates.append(getattr(again, what).values[0, 0])
    moved = getattr(measured(scores, positive, patient, shape=(1, 1)), what).influence
    assert 0.75 < (moved**2).sum() / np.var(replicates) < 1.35


def test_intervals_of_the_sensitivity_cover_the_truth():
    threshold = stats.norm.ppf(SPECIFICITY, -1, np.sqrt(3))
    truth = stats.norm.sf(threshold, 0.5, np.sqrt(3))
    inside = 0
    for seed in range(120):
        shape = (4, 1)
        result = measured(*scored(100 + seed, shape=shape), shape=shape).sensitivity
        value = estimate(result.values[:, 0], result.influence[0])
        inside += value.low <= truth <= value.high
    assert inside >= 0.88 * 120
