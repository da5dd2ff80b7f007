import numpy as np

from radtex.statistics.intervals import Estimate, estimate
from radtex.transfer.measures.measured import (
    DefiniteStudies,
    Measured,
    by_budget,
    by_target,
    mean_over_targets,
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
    values, moved = mean_over_targets(both)
    np.testing.assert_allclose(values, (both[0].values + both[1].values) / 2)
    np.testing.assert_allclose(moved, (both[0].influence + both[1].influence) / 2)
    found = by_budget((20, 60), both)
    for place, budget in enumerate((20, 60)):
        assert found[budget] == estimate(values[:, place], moved[place])
    apart = by_target(("A", "B"), (20, 60), both)
    assert apart["B"] == by_budget((20, 60), both[1:])


def test_an_interval_ends_at_0_and_1():
    assert within(Estimate(0.5, -0.1, 1.2, 0.3)) == Estimate(0.5, 0, 1, 0.3)
