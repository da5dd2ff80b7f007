import numpy as np
import pytest
import torch

from radtex.errors import ProtocolError
from radtex.transfer.planning.budgets import plan_budgets, plan_table
from radtex.transfer.planning.learning_curve import LearningCurve, learning_curve
from radtex.transfer.sampling.folds import FOLDS
from radtex.transfer.sampling.studies import Studies


def pilot(seed=0, studies=160, lift=0.5, width=8):
    """Gaussian features whose means differ between the classes, of two targets and a rare one."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((studies, 3)) < (0.4, 0.3, 0.03)).astype(np.float32)
    labels[:10, 1] = np.nan
    features = rng.normal(size=(studies, width)).astype(np.float32)
    features[:, : width // 2] += lift * labels[:, :1]
    features[:, width // 2 :] += lift * np.nan_to_num(labels[:, 1:2])
    patients = np.repeat(np.arange(studies // 2), 2)
    return torch.tensor(features), Studies(labels, patients, np.arange(studies))


@pytest.fixture(scope="module")
def curve():
    return learning_curve(*pilot(), ("Edema", "Effusion", "Hernia"), 3, 0, "pilot")


def test_rare_targets_are_named_and_left_out(curve):
    assert curve.targets == ("Edema", "Effusion")
    assert "studies of one class, and 10 are needed" in curve.excluded["Hernia"]
    assert curve.pilot == 150


def test_the_curve_rises_to_what_the_pilot_can_train(curve):
    assert curve.sizes[0] == 24
    assert curve.sizes[-1] <= 150 * (FOLDS - 1) / FOLDS + 2
    assert curve.mean[-1] > curve.mean[0] > 0.55


def test_only_held_out_patients_are_scored():
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


def test_one_seed_gives_one_curve(curve):
    again = learning_curve(*pilot(), ("Edema", "Effusion", "Hernia"), 3, 0, "pilot")
    np.testing.assert_array_equal(again.repeats, curve.repeats)
    other = learning_curve(*pilot(), ("Edema", "Effusion", "Hernia"), 3, 1, "pilot")
    assert (other.repeats != curve.repeats).any()


def test_a_plan_expects_more_of_more_labels(curve):
    plan = plan_budgets(curve, (1000, 300), 0)
    assert list(plan.auc) == [300, 1000]
    assert curve.mean[-1] - 0.02 < plan.auc[300].mean <= plan.auc[1000].mean <= 1
    for values in (plan.auc, plan.gain):
        assert all(each.low <= each.mean <= each.high for each in values.values())
    assert plan.gain[300].mean <= plan.gain[1000].mean
    assert plan_budgets(curve, (1000, 300), 0).auc == plan.auc
    assert f"{plan.auc[300].mean:.3f}" in plan_table(plan)


def test_a_far_budget_is_called_a_guess(curve):
    assert not any("guess" in flag for flag in plan_budgets(curve, (1500,), 0).flags)
    assert any("guess: 1600" in flag for flag in plan_budgets(curve, (1600,), 0).flags)


@pytest.mark.parametrize(
    ("budgets", "message"), [((), "none"), ((300, 300), "once"), ((10,), "smallest measured")]
)
def test_budgets_that_cannot_be_are_refused(curve, budgets, message):
    with pytest.raises(ProtocolError, match=message):
        plan_budgets(curve, budgets, 0)


def test_a_pilot_too_small_for_a_curve_is_refused():
    with pytest.raises(ProtocolError, match="label a larger pilot"):
        learning_curve(*pilot(studies=40), ("Edema", "Effusion", "Hernia"), 1, 0, "pilot")
    with pytest.raises(ProtocolError, match="no target"):
        learning_curve(*pilot(studies=16), ("Edema", "Effusion", "Hernia"), 1, 0, "pilot")


def simulate(seed, patients=150, repeats=6):
    """A pilot's curve around a true law, its errors of the size that it states; the truth."""
    rng = np.random.default_rng(seed)
    sizes = np.geomspace(24, 120, 6)
    truth = 0.85 - 0.9 * sizes**-0.5
    per_patient = 0.3 * (rng.normal(size=(patients, 1)) + 0.3 * rng.normal(size=(patients, 6)))
    influence = (per_patient - per_patient.mean(0)).T / np.sqrt(patients * (patients - 1))
    luck = 0.01 * rng.normal()
    between = np.sqrt(0.01**2 * 150 / (FOLDS * 24))
    draws = rng.normal(size=(repeats, 6))
    draws = (draws - draws.mean(0)) / draws.std(0, ddof=1) * between
    curves = truth + per_patient.mean(0) + luck + draws
    curves += rng.normal(size=6) * between / np.sqrt(repeats)
    curve = LearningCurve(("Edema",), {}, 150, sizes, curves, influence)
    return plan_budgets(curve, (600,), seed).auc[600], 0.85 - 0.9 * 600**-0.5


def test_intervals_cover_the_truth_where_the_law_holds():
    inside = sum(value.low <= truth <= value.high for value, truth in map(simulate, range(24)))
    assert inside >= 20
