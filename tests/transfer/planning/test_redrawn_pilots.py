"""Intervals of plans hold what they say: simulations that redraw the pilot."""

import pytest

from fixtures.redrawn_pilots import PilotCell, plans_outcome

MANY = 1000
CELLS = {
    "60 labels": PilotCell(60),
    "120 labels": PilotCell(120),
    "120 labels, three targets": PilotCell(120, targets=3),
    "120 labels, little signal": PilotCell(120, signal=1.0),
    "120 labels, more would hardly help": PilotCell(120, width=8),
}
FEW = PilotCell(120, positives=15, signal=3.0)


def test_intervals_of_plans_over_redrawn_pilots_hold_the_truth():
    reached = plans_outcome(PilotCell(60, repeats=2), 100, 12)
    assert reached.plans > 95
    assert (reached.auc_held >= 0.88).all()
    assert (reached.gain_held >= 0.88).all()
    assert (abs(reached.gain_bias) < reached.gain / 2).all()
    assert (reached.gain_width < 0.2).all()


@pytest.mark.soak
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_intervals_of_plans_over_redrawn_pilots_hold_the_truth_in_90_of_100(cell):
    reached = plans_outcome(cell, MANY, 60)
    print(reached)
    assert (reached.auc_held >= 0.9).all()
    assert (reached.gain_held >= 0.9).all()


@pytest.mark.soak
def test_intervals_of_plans_from_few_positives_hold_the_truth_in_85_of_100():
    reached = plans_outcome(FEW, MANY, 60)
    print(reached)
    assert (reached.auc_held >= 0.85).all()
    assert (reached.gain_held >= 0.85).all()
