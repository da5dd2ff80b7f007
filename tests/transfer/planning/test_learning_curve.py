from dataclasses import replace

import numpy as np
import pytest
import torch

from radtex.errors import ProtocolError
from radtex.transfer.planning.learning_curve import learning_curve
from radtex.transfer.sampling.folds import FOLDS


def test_rare_targets_are_named_and_left_out(curve):
    assert curve.targets == ("Edema", "Effusion")
    assert "and 10 are needed" in curve.excluded["Hernia"]
    assert curve.pilot == 150


def test_the_curve_rises_to_what_the_pilot_can_train(curve):
    assert curve.sizes[0] == 24
    assert curve.sizes[-1] <= 150 * (FOLDS - 1) / FOLDS + 2
    assert curve.mean[-1] > curve.mean[0] > 0.55


def test_only_held_out_patients_are_scored(pilot):
    features, studies = pilot(lift=0.0)
    blank = learning_curve(features, studies, ("Edema", "Effusion", "Hernia"), 3, 0, "pilot")
    assert abs(blank.mean - 0.5).max() < 0.1
    learnt_by_heart = torch.eye(len(features))
    names = ("Edema", "Effusion", "Hernia")
    curve = learning_curve(learnt_by_heart, studies, names, 1, 0, "pilot")
    np.testing.assert_allclose(curve.mean, 0.5)  # nothing carries over to another study


def test_influences_are_of_held_out_patients_and_sum_to_nothing(curve):
    np.testing.assert_allclose(curve.influence.sum(1), 0, atol=1e-3)
    error = np.sqrt((curve.influence**2).sum(1))
    assert ((error > 0.01) & (error < 0.08)).all()


def test_patients_are_in_the_errors_twice_and_repeats_once(curve):
    tested = curve.influence @ curve.influence.T
    error = np.sqrt(np.diagonal(tested))
    noise = curve.covariance - tested - np.outer(error, error)
    np.testing.assert_allclose(np.diagonal(noise), curve.repeats.var(0, ddof=1) / 3)
    once = replace(curve, repeats=curve.repeats[:1])
    np.testing.assert_allclose(np.diagonal(once.covariance), 3 * error**2)
    for each in (curve, once):
        assert np.linalg.eigvalsh(each.covariance)[0] > 0
    assert 10 < curve.freedom < 80


def test_one_seed_gives_one_curve(curve, pilot):
    again = learning_curve(*pilot(), ("Edema", "Effusion", "Hernia"), 3, 0, "pilot")
    np.testing.assert_array_equal(again.repeats, curve.repeats)
    other = learning_curve(*pilot(), ("Edema", "Effusion", "Hernia"), 3, 1, "pilot")
    assert (other.repeats != curve.repeats).any()


def test_a_pilot_too_small_for_a_curve_is_refused(pilot):
    with pytest.raises(ProtocolError, match="label a larger pilot"):
        learning_curve(*pilot(studies=40), ("Edema", "Effusion", "Hernia"), 1, 0, "pilot")
    with pytest.raises(ProtocolError, match="no target"):
        learning_curve(*pilot(studies=16), ("Edema", "Effusion", "Hernia"), 1, 0, "pilot")
