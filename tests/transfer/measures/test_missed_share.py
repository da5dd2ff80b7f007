from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from fixtures.binormal import resampled, scored
from radtex.statistics.intervals import wilson
from radtex.transfer.measures.missed_share import ALL, POINTS, measure_missed, missed_share

THRESHOLDS = np.array([[0.2, -1.0], [0.0, -0.8], [0.4, -1.5]])


@pytest.fixture(scope="module")
def made():
    scores, tested = scored(3, shape=(3, 1))
    few = np.flatnonzero(tested.positive)[:5]
    groups = {
        "third": tested.patients % 3 == 0,
        "rare": np.isin(np.arange(len(tested.positive)), few),
    }
    return scores.numpy(), replace(tested, groups=groups)


def test_it_is_the_share_of_positives_below_the_threshold_of_their_draw(made):
    scores, tested = made
    measured = measure_missed(scores, THRESHOLDS, tested)
    assert list(measured) == [ALL, "third"]
    assert measured[ALL].rest is None
    third = tested.groups["third"]
    for value, mask in ((measured["third"].group, third), (measured["third"].rest, ~third)):
        chosen = scores[mask & tested.positive]
        for repeat, thresholds in enumerate(THRESHOLDS):
            for place, threshold in enumerate(thresholds):
                expected = sum(score < threshold for score in chosen[:, repeat]) / len(chosen)
                assert value.values[repeat, place] == pytest.approx(expected)
    assert measured["third"].patients == len(np.unique(tested.patients[third & tested.positive]))


def test_a_draw_without_thresholds_leaves_nothing_to_measure(made):
    none = np.where([[True], [False], [False]], np.nan, THRESHOLDS)
    assert measure_missed(made[0], none, made[1]) == {}


def test_the_variance_is_that_of_a_bootstrap_over_patients():
    logits, tested = scored(4, patients=500, shape=(1, 1))
    replicates = [
        measure_missed(drawn.numpy(), THRESHOLDS[:1], studies)[ALL].group.values[0]
        for drawn, studies in resampled(logits, tested, 300)
    ]
    moved = measure_missed(logits.numpy(), THRESHOLDS[:1], tested)[ALL].group.influence
    shares = (moved**2).sum(1) / np.var(replicates, axis=0)
    assert ((shares > 0.75) & (shares < 1.35)).all()


def test_a_conclusion_is_the_mean_over_the_targets_that_a_group_can_serve(made):
    measured = measure_missed(made[0], THRESHOLDS, made[1])
    alone = {ALL: measured[ALL]}
    found = missed_share(["A", "B", "C"], [measured, alone, measured], "third")
    assert found.targets == ("A", "C")
    third = measured["third"]
    for place, point in enumerate(POINTS):
        assert found.missed[point].mean == pytest.approx(third.group.values[:, place].mean())
        difference = (third.group.values - third.rest.values)[:, place].mean()
        assert found.difference[point].mean == pytest.approx(difference)
    assert missed_share(["A"], [alone], ALL).difference == {}
    assert missed_share(["A"], [alone], "third") is None


def test_where_nothing_is_missed_the_interval_is_wilsons(made):
    measured = measure_missed(made[0], np.full((3, 2), -99.0), made[1])
    found = missed_share(["A"], [measured], ALL)
    expected = wilson(0, found.patients)
    assert (found.missed["youden"].low, found.missed["youden"].mean) == (0, 0)
    assert found.missed["youden"].high == pytest.approx(expected.high)


def test_intervals_cover_the_truth():
    truth = stats.norm.cdf(0.3, 0.5, np.sqrt(3))
    inside, thresholds = 0, np.full((4, 2), 0.3)
    for seed in range(120):
        logits, tested = scored(700 + seed, shape=(4, 1))
        measured = measure_missed(logits.numpy(), thresholds, tested)
        value = missed_share(["A"], [measured], ALL).missed["youden"]
        inside += value.low <= truth <= value.high
    assert inside >= 0.88 * 120
