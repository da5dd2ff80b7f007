import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from radtex.statistics.crossed import Crossed
from radtex.statistics.intervals import estimate
from radtex.transfer.evidence.result_tables import labels_in_words
from radtex.transfer.measures.label_efficiency import labels_needed

BUDGETS = (50, 100, 200, 500, 1000)


def needed_for(budgets, repeats, moved, goal, goal_moved):
    """The labels with which a curve (R, B) reaches a goal (R,); influences (B, P) and (P,)."""

    def crossed(values, influence):
        return Crossed(values[None], np.tile(influence, (1, len(values), 1, 1)))

    flat = np.tile(goal[:, None], len(budgets)), np.tile(goal_moved, (len(budgets), 1))
    return labels_needed(budgets, crossed(repeats, moved), crossed(*flat), 0)


def sure(curve, goal):
    """The labels needed where nothing is uncertain."""
    curve = np.asarray(curve, float)
    none = np.zeros((len(curve), 4))
    budgets = BUDGETS[: len(curve)]
    return needed_for(budgets, np.stack([curve] * 2), none, np.full(2, goal), none[0])


def test_a_goal_between_two_budgets_is_interpolated_in_their_logarithm():
    needed = sure([0.6, 0.7, 0.8], 0.65)
    assert needed.labels == pytest.approx(np.sqrt(50 * 100))
    assert needed.low == pytest.approx(needed.labels)
    assert needed.high == pytest.approx(needed.labels)


def test_a_goal_at_a_budget_needs_that_budget():
    assert sure([0.6, 0.7, 0.8], 0.7).labels == pytest.approx(100)


def test_beyond_the_curve_there_is_no_number_but_a_side():
    above, below = sure([0.6, 0.7], 0.9), sure([0.6, 0.7], 0.5)
    assert (above.labels, above.reaches, above.high) == (None, False, None)
    assert above.low == pytest.approx(100)
    assert (below.labels, below.reaches, below.low) == (None, True, None)
    assert below.high == pytest.approx(50)


def test_a_dip_is_levelled_by_isotonic_regression():
    curve = np.array([0.60, 0.72, 0.70, 0.69, 0.90])
    level = IsotonicRegression().fit_transform(np.arange(5), curve)
    goal = (level[0] + level[1]) / 2
    assert sure(curve, goal).labels == pytest.approx(np.sqrt(50 * 100))
    goal = (level[3] + level[4]) / 2
    assert sure(curve, goal).labels == pytest.approx(np.sqrt(500 * 1000))


def test_the_interval_holds_the_labels_whose_difference_is_not_significant():
    rng = np.random.default_rng(0)
    repeats = np.array([0.6, 0.7, 0.75, 0.8, 0.84]) + rng.normal(0, 0.01, (8, 5))
    moved = rng.normal(0, 0.0005, (5, 300))
    goal, goal_moved = 0.74 + rng.normal(0, 0.01, 8), rng.normal(0, 0.0005, 300)
    needed = needed_for(BUDGETS, repeats, moved, goal, goal_moved)
    assert needed.low < needed.labels < needed.high
    for labels, edge in ((needed.low, "high"), (needed.high, "low")):
        after = np.searchsorted(BUDGETS, labels)
        share = np.log(labels / BUDGETS[after - 1]) / np.log(BUDGETS[after] / BUDGETS[after - 1])
        weights = np.zeros(5)
        weights[after - 1 : after + 1] = 1 - share, share
        difference = estimate(repeats @ weights - goal, weights @ moved - goal_moved)
        assert getattr(difference, edge) == pytest.approx(0, abs=2e-4)


def simulate(seed, repeats=10, patients=300):
    """One comparison of two curves that share draws and patients; what is needed is 270 labels."""
    rng = np.random.default_rng(seed)
    truth = np.interp(np.log(BUDGETS), np.log([50, 1000]), [0.62, 0.86])
    goal = np.interp(np.log(270), np.log([50, 1000]), [0.62, 0.86])
    shared = rng.normal(size=(patients, 1))
    effects = 0.35 * (shared + rng.normal(size=(patients, 6)))
    draws = 0.03 * (rng.normal(size=(repeats, 1)) + rng.normal(size=(repeats, 6)))
    reached = np.append(truth, goal) + effects.mean(0) + draws
    moved = (effects - effects.mean(0)).T / np.sqrt(patients * (patients - 1))
    return needed_for(BUDGETS, reached[:, :5], moved[:5], reached[:, 5], moved[5])


def coverage(experiments):
    needed = [simulate(seed) for seed in range(experiments)]
    return np.mean([(each.low or 0) <= 270 <= (each.high or np.inf) for each in needed])


def test_intervals_cover_the_labels_truly_needed():
    assert coverage(100) >= 0.88


@pytest.mark.soak
def test_intervals_cover_the_labels_truly_needed_in_93_to_97_of_100():
    assert 0.93 <= coverage(1000) <= 0.97


@pytest.mark.parametrize("last", [200, 500, 1000])
def test_an_end_of_an_interval_at_a_budget_is_that_budget(last: int) -> None:
    """exp(log 500) < 500: a page said `> 500 [500, > 500]` where all of it lay beyond."""
    budgets = [50, last]
    curve, none = np.array([0.6, 0.7]), np.zeros((2, 4))
    needed = needed_for(budgets, np.stack([curve] * 2), none, np.full(2, 0.8), none[0])
    assert needed.low == last
    assert labels_in_words(needed, budgets) == f"> {last:,} [all > {last:,}]"
    reached = needed_for(budgets, np.stack([curve] * 2), none, np.full(2, 0.7), none[0])
    assert (reached.labels, reached.low, reached.high) == (last, last, None)
