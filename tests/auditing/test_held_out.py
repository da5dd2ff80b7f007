"""Logistic regression on patients held out."""

import numpy as np
import pytest

from radtex.auditing.held_out import FOLDS, folds, held_out_auc


def test_no_patient_is_in_two_folds_and_each_fold_has_both_classes() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        patients = rng.integers(0, 60, 200)
        patients = np.unique(patients, return_inverse=True)[1]
        positive = rng.random(200) < 0.06
        ill = len(np.unique(patients[positive]))
        if ill < FOLDS:
            continue
        fold = folds(positive, patients, 0)
        assert all(len(np.unique(fold[patients == one])) == 1 for one in patients)
        for number in range(FOLDS):
            assert len(np.unique(positive[fold == number])) == 2


def test_features_without_the_label_give_a_half_and_intervals_that_hold_it() -> None:
    held, values = 0, []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        positive = rng.random(200) < 0.3
        (found,) = held_out_auc([rng.normal(size=(200, 20))], positive, np.arange(200))
        values.append(found.mean)
        held += found.low <= 0.5 <= found.high
    assert np.mean(values) == pytest.approx(0.5, abs=0.02)
    assert held >= 52


def test_features_with_the_label_are_found() -> None:
    rng = np.random.default_rng(1)
    positive = rng.random(300) < 0.3
    x = rng.normal(size=(300, 10))
    x[:, 3] += 2 * positive
    weak, strong = held_out_auc([np.delete(x, 3, 1), x], positive, np.arange(300))
    assert strong.low > 0.85
    assert strong.p < 1e-6
    assert weak.high < 0.65


def test_copies_of_films_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(2)
    positive = rng.random(100) < 0.4
    x = rng.normal(size=(100, 3)) + 0.7 * positive[:, None]
    (once,) = held_out_auc([x], positive, np.arange(100))
    (often,) = held_out_auc(
        [np.repeat(x, 4, 0)], np.repeat(positive, 4), np.repeat(np.arange(100), 4)
    )
    width = often.high - often.low
    assert width == pytest.approx(once.high - once.low, rel=0.1)
