from dataclasses import replace

import numpy as np
import pytest

from radtex.statistics.intervals import Estimate, estimate
from radtex.transfer.measures.measured import (
    DefiniteStudies,
    Measured,
    by_budget,
    by_target,
    mean_of,
    within,
)


def measured(seed):
    rng = np.random.default_rng(seed)
    return Measured(rng.uniform(0.4, 0.6, (3, 2)), rng.normal(0, 0.01, (2, 5)))


def test_studies_are_summed_by_patient():
    tested = DefiniteStudies(np.ones(4, np.bool_), np.array([2, 0, 2, 2]), 4)
    of_study = np.array([[1.0, 10], [2, 20], [3, 30], [4, 40]])
    assert tested.sum_by_patient(of_study).tolist() == [[2, 20], [0, 0], [8, 80], [0, 0]]


def test_the_estimate_is_of_the_mean_over_targets():
    both = [measured(0), measured(1)]
    mean = mean_of(both)
    values, moved = mean.values, mean.influence
    np.testing.assert_allclose(values, (both[0].values + both[1].values) / 2)
    np.testing.assert_allclose(moved, (both[0].influence + both[1].influence) / 2)
    found = by_budget((20, 60), both)
    for place, budget in enumerate((20, 60)):
        assert found[budget] == estimate(values[:, place], moved[place])
    apart = by_target(("A", "B"), (20, 60), both)
    assert apart["B"] == by_budget((20, 60), both[1:])


def test_an_interval_ends_at_0_and_1():
    assert within(Estimate(0.5, -0.1, 1.2, 0.3)) == Estimate(0.5, 0, 1, 0.3)


def test_what_patients_make_of_a_draw_is_counted_once():
    rng = np.random.default_rng(0)
    moved = rng.normal(0, 0.01, (6, 1, 400))
    moved -= moved.mean(2, keepdims=True)
    values = 0.5 + 0.02 * rng.normal(size=(6, 1)) + moved.sum(2)
    unknown = Measured(values, moved.mean(0))
    (wide,), (narrow,) = unknown.estimates(), replace(unknown, moved=moved).estimates()
    assert narrow.mean == wide.mean
    assert narrow.high - narrow.low < wide.high - wide.low
    alike = replace(unknown, moved=np.repeat(moved.mean(0)[None], 6, axis=0)).estimates()[0]
    assert (alike.low, alike.high) == pytest.approx((wide.low, wide.high))


def test_differences_and_pools_keep_what_is_known_of_each_repeat():
    rng = np.random.default_rng(1)
    moved = rng.normal(size=(3, 2, 5))
    one = Measured(rng.normal(size=(3, 2)), moved.mean(0), moved)
    apart = one.minus(mean_of([one, one]))
    np.testing.assert_allclose(apart.moved, 0, atol=1e-12)
    assert one.minus(replace(one, moved=None)).moved is None
    spread = one.over_pools(np.array([0.5, 0.0]))
    mean = moved.mean(0)
    np.testing.assert_allclose(spread.moved[:, 0], (mean + 2 * (moved - mean))[:, 0])
    np.testing.assert_allclose(spread.moved[:, 1], moved[:, 1])
