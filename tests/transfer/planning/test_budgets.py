from dataclasses import replace

import numpy as np
import pytest

from radtex.errors import ProtocolError
from radtex.transfer.evidence.result_tables import ESTIMAND
from radtex.transfer.planning.budgets import plan_budgets, plan_table
from radtex.transfer.planning.learning_law import Expected


def test_a_plan_expects_more_of_more_labels(curve):
    plan = plan_budgets(curve, (1000, 300))
    assert list(plan.auc) == [300, 1000]
    assert curve.mean[-1] - 0.02 < plan.auc[300].mean <= plan.auc[1000].mean <= 1
    for values in (plan.auc, plan.gain):
        assert all(each.low <= each.mean <= each.high for each in values.values())
    assert plan.gain[300].mean <= plan.gain[1000].mean
    assert plan_budgets(curve, (1000, 300)).auc == plan.auc
    assert f"{plan.auc[300].mean:.3f}" in plan_table(plan)


def test_a_far_budget_is_called_a_guess(curve):
    assert not any("guess" in flag for flag in plan_budgets(curve, (600,)).flags)
    assert any("a guess: 601" in flag for flag in plan_budgets(curve, (601,)).flags)


@pytest.mark.parametrize(
    ("budgets", "message"), [((), "none"), ((300, 300), "once"), ((10,), "smallest measured")]
)
def test_budgets_that_cannot_be_are_refused(curve, budgets, message):
    with pytest.raises(ProtocolError, match=message):
        plan_budgets(curve, budgets)


def test_the_interval_of_a_gain_is_of_the_gain_and_says_of_what(curve):
    plan = plan_budgets(curve, (150, 300))
    assert plan.gain[150] == Expected(0, 0, 0)
    assert 0 < plan.gain[300].low < plan.gain[300].high < plan.auc[300].high - plan.auc[300].low
    assert ESTIMAND in plan_table(plan)
    assert any(ESTIMAND in flag for flag in plan.flags)


def test_positives_count_where_the_smallest_draws_are_forced(curve):
    labels = np.array([20.0, 200.0])
    rare = replace(curve, positive=np.array([0.05, 0.5]))
    np.testing.assert_allclose(
        rare.scarcity(labels),
        [(1 / 5 + 1 / 19 + 2 / 10) / 2, (1 / 10 + 1 / 190 + 2 / 100) / 2],
    )
