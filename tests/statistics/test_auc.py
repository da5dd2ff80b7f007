"""The AUC and the influence of patients on it, against loops, scikit-learn and a bootstrap."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from radtex.statistics.auc import auc, influence, small_sample

cases = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=60).filter(
    lambda pairs: len({side for _, side in pairs}) == 2
)


def clustered(seed, patients=150, positive_rate=0.3):
    """Scores (n, 3) with ties, labels and 1 to 3 studies per patient, alike within patients."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), rng.integers(1, 4, patients))
    positive = rng.random(len(patient)) < positive_rate
    scores = rng.normal(size=(patients, 3))[patient] + rng.normal(size=(len(patient), 3))
    return (scores + positive[:, None]).round(1), positive, patient


@given(cases)
def test_auc_with_ties_is_that_of_scikit_learn(pairs):
    scores = np.array([[score, -score] for score, _ in pairs], np.float32)
    positive = np.array([side for _, side in pairs])
    values, components = auc(torch.tensor(scores), positive)
    for column in range(2):
        expected = roc_auc_score(positive, scores[:, column])
        np.testing.assert_allclose(values[column], expected, atol=1e-12)
        for side in (True, False):
            mean = components.numpy()[positive == side, column].mean()
            np.testing.assert_allclose(mean, expected, atol=1e-12)


@given(cases)
def test_components_are_the_shares_that_a_loop_counts(pairs):
    scores = np.array([score for score, _ in pairs], np.float64)
    positive = np.array([side for _, side in pairs])
    _, components = auc(torch.tensor(scores[:, None]), positive)
    for place, (score, side) in enumerate(pairs):
        wins = [
            np.heaviside((score - other) * (1 if side else -1), 0.5)
            for other in scores[positive != side]
        ]
        np.testing.assert_allclose(components[place, 0].item(), np.mean(wins))


def moved_by(scores, positive, patient):
    _, components = auc(torch.tensor(scores), positive)
    return influence(components.numpy(), positive, patient, patient.max() + 1)


def test_one_study_per_patient_gives_delongs_variance():
    scores, positive, _ = clustered(0)
    _, components = auc(torch.tensor(scores), positive)
    moved = moved_by(scores, positive, np.arange(len(scores)))
    above, below = components.numpy()[positive], components.numpy()[~positive]
    delong = np.cov(above.T) / len(above) + np.cov(below.T) / len(below)
    np.testing.assert_allclose(moved.T @ moved, delong)


def test_clusters_give_obuchowskis_variance():
    scores, positive, patient = clustered(1)
    values, components = auc(torch.tensor(scores[:, :1]), positive)
    components = components.numpy()[:, 0]
    sums = {}
    for side in (True, False):
        of_class = positive == side
        clusters = len(set(patient[of_class]))
        deviations = np.array(
            [
                (components[of_class & (patient == each)] - values[0]).sum()
                for each in range(patient.max() + 1)
            ]
        )
        sums[side] = np.sqrt(clusters / (clusters - 1)) * deviations / of_class.sum()
    expected = (sums[True] ** 2).sum() + (sums[False] ** 2).sum()
    expected += 2 * (sums[True] * sums[False]).sum()
    moved = moved_by(scores[:, :1], positive, patient)
    np.testing.assert_allclose((moved**2).sum(), expected)
    unclustered = moved_by(scores[:, :1], positive, np.arange(len(scores)))
    assert expected > (unclustered**2).sum()


def test_the_variance_is_that_of_a_bootstrap_over_patients():
    scores, positive, patient = clustered(2)
    rng = np.random.default_rng(3)
    studies_of = [np.flatnonzero(patient == each) for each in range(patient.max() + 1)]
    replicates = []
    for _ in range(1500):
        drawn = rng.integers(0, len(studies_of), len(studies_of))
        rows = np.concatenate([studies_of[each] for each in drawn])
        values, _ = auc(torch.tensor(scores[rows]), positive[rows])
        replicates.append([values.mean(), values[0] - values[1]])
    moved = moved_by(scores, positive, patient)
    for column, combined in enumerate((moved.mean(1), moved[:, 0] - moved[:, 1])):
        bootstrap = np.var(np.array(replicates)[:, column])
        assert 0.85 < (combined**2).sum() / bootstrap < 1.15


def test_pairing_narrows_the_variance_of_a_difference():
    scores, positive, patient = clustered(4)
    alike = np.stack([scores[:, 0], scores[:, 0] + 0.1 * scores[:, 1]], 1)
    moved = moved_by(alike, positive, patient)
    alone = (moved**2).sum(0)
    assert ((moved[:, 0] - moved[:, 1]) ** 2).sum() < 0.2 * alone.sum()


def test_the_small_sample_factor_counts_patients_and_not_studies():
    assert small_sample(np.array([7, 7, 3, 1, 1])) == pytest.approx(np.sqrt(3 / 2))


def test_one_patient_of_a_class_tells_no_variance():
    scores, positive, _ = clustered(5)
    alone = np.where(positive, 0, np.arange(len(positive)))
    moved = moved_by(scores, positive, alone)
    assert np.isnan(moved[0]).all()
    assert math.isnan(small_sample(np.array([3, 3])))
