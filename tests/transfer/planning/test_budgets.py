import numpy as np
import pytest

from radtex.errors import ProtocolError
from radtex.transfer.planning.budgets import plan_budgets, plan_table
from radtex.transfer.planning.learning_curve import LearningCurve
from radtex.transfer.sampling.folds import FOLDS


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
    assert any("expected at least" in flag for flag in plan_budgets(curve, (1500,), 0).flags)
    assert any("guess: 1600" in flag for flag in plan_budgets(curve, (1600,), 0).flags)


@pytest.mark.parametrize(
    ("budgets", "message"), [((), "none"), ((300, 300), "once"), ((10,), "smallest measured")]
)
def test_budgets_that_cannot_be_are_refused(curve, budgets, message):
    with pytest.raises(ProtocolError, match=message):
        plan_budgets(curve, budgets, 0)


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
