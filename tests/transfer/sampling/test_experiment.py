from dataclasses import replace

import numpy as np
import pytest

from radtex.errors import ProtocolError
from radtex.transfer.design import Design
from radtex.transfer.sampling.draws import draw
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import Studies

DESIGN = Design(("A", "B", "rare"), (40, 20), 3, seed=7)


def studies(count, seed):
    labels = np.random.default_rng(seed).random((count, 3)) < (0.3, 0.5, 0.002)
    return Studies(labels.astype(np.float32), np.arange(count), np.arange(count))


POOL, TEST = studies(300, 0), studies(200, 1)


def test_the_draws_stand_by_target_repeat_and_budget():
    experiment = draw_experiment(POOL, TEST, DESIGN)
    assert experiment.shape == (2, 3, 2)
    assert experiment.budgets == (20, 40)
    order = [(each.target, each.repeat, each.budget) for each in experiment.draws]
    assert order == [(t, r, b) for t in range(2) for r in range(3) for b in (20, 40)]
    expected = draw(1, "B", POOL.labels[:, 1], POOL.patients, (20, 40), 3, 7)
    for one, other in zip(experiment.draws[6:], expected, strict=True):
        np.testing.assert_array_equal(one.studies, other.studies)


def test_a_target_that_cannot_be_served_is_out_of_the_labels_and_named():
    experiment = draw_experiment(POOL, TEST, DESIGN)
    assert experiment.targets == ("A", "B")
    assert list(experiment.excluded) == ["rare"]
    assert experiment.pool.labels.shape == (300, 2)
    assert experiment.test.labels.shape == (200, 2)
    assert experiment.design.targets == ("A", "B", "rare")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"budgets": (20, 20)}, "name each budget once"),
        ({"budgets": ()}, "name each budget once"),
        ({"budgets": (9, 20)}, "smallest possible budget is 10"),
        ({"budgets": (20, 5000)}, "largest possible budget is 300"),
        ({"repeats": 0}, "at least 1"),
        ({"seed": -1}, "0 or more"),
        ({"sampling": "shared", "prevalence": "balanced"}, "cannot be balanced for several"),
    ],
)
def test_what_cannot_be_measured_is_refused(changed, message):
    with pytest.raises(ProtocolError, match=message):
        draw_experiment(POOL, TEST, replace(DESIGN, **changed))


def test_balanced_draws_hold_half_of_each_class():
    balanced = draw_experiment(POOL, TEST, replace(DESIGN, prevalence="balanced"))
    assert all(2 * each.positive.sum() == each.budget for each in balanced.draws)


def test_shared_draws_of_a_repeat_and_budget_come_from_one_set():
    shared = draw_experiment(POOL, TEST, replace(DESIGN, sampling="shared"))
    for one, other in zip(shared.draws[:6], shared.draws[6:], strict=True):
        assert set(one.studies) == set(other.studies)


def test_repeats_overlap_where_a_draw_takes_more_than_a_third_of_what_can_be_drawn():
    small = draw_experiment(studies(90, 2), TEST, DESIGN).overlapping
    assert [each[:2] for each in small] == [("A", 40), ("B", 40)]
    assert all(share >= 40 / 90 for *_, share in small)
    assert draw_experiment(POOL, TEST, DESIGN).overlapping == []


def test_repeats_that_share_their_few_positives_overlap():
    labels = np.zeros((2000, 1), np.float32)
    labels[:12] = 1
    pool = Studies(labels, np.arange(2000), np.arange(2000))
    rare = draw_experiment(pool, pool, Design(("A",), (100,), 5)).overlapping
    assert [each[:2] for each in rare] == [("A", 100)]
    assert 5 / 12 <= rare[0][2] < 0.5
