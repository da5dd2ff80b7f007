import numpy as np
import pytest
import torch

from fixtures.binormal import SHAPE, scored
from radtex.transfer.measures.calibration import brier, reliability
from radtex.transfer.measures.classifier_measures import classifier_results, measure_target


def test_the_measures_are_those_of_the_logits():
    scores, tested = scored(2)
    found = measure_target(scores, tested, SHAPE, logits=True)
    probability = torch.sigmoid(scores).numpy()
    np.testing.assert_array_equal(found.brier.values, brier(probability, tested, SHAPE).values)
    largest = reliability(probability[:, [1, 3, 5]], tested)
    np.testing.assert_array_equal(found.reliability.counts, largest.counts)


def test_scores_that_are_no_logits_have_no_probabilities():
    scores, tested = scored(2)
    found = measure_target(scores, tested, SHAPE, logits=False)
    assert found.brier is None
    assert found.reliability is None
    logits = measure_target(scores, tested, SHAPE, logits=True)
    np.testing.assert_array_equal(found.sensitivity.values, logits.sensitivity.values)


class Made:
    """As much of an experiment as a conclusion looks at."""

    targets = ("A", "B")
    budgets = (20, 60)
    pool_share = np.full((2, 2), 0.2)


def made(*seeds, logits=True):
    """Measures of as many targets, and an experiment that they could be of."""
    drawn = [scored(seed) for seed in seeds]
    longest = max(len(tested.positive) for _, tested in drawn)
    labels = np.full((longest, len(drawn)), np.nan, np.float32)
    for column, (_, tested) in enumerate(drawn):
        labels[: len(tested.positive), column] = tested.positive
    test = type("test", (), {"groups": (), "labels": labels})
    measures = [measure_target(*each, SHAPE, logits=logits) for each in drawn]
    return type("Labelled", (Made,), {"test": test}), measures


def test_a_conclusion_is_the_mean_over_targets():
    experiment, measures = made(5, 6)
    results = classifier_results(experiment, measures)
    for place, budget in enumerate((20, 60)):
        means = [each.brier.values[:, place].mean() for each in measures]
        np.testing.assert_allclose(results.brier[budget].mean, np.mean(means))
        np.testing.assert_allclose(results.target_brier["B"][budget].mean, means[1])
    assert sum(each.predictions for each in results.reliability) > 0
    assert list(results.validation.targets) == ["A", "B"]
    results = classifier_results(*made(5, 6, logits=False))
    assert (results.brier, results.target_brier, results.reliability) == ({}, {}, ())


def test_sharing_more_of_the_pool_widens_every_interval_and_moves_none():
    experiment, measures = made(5, 6)
    little = classifier_results(experiment, measures)
    greedy = type("Greedy", (experiment,), {"pool_share": np.full((2, 2), 0.6)})
    much = classifier_results(greedy, measures)
    for one, other in ((little.brier, much.brier), (little.sensitivity, much.sensitivity)):
        for budget in (20, 60):
            assert one[budget].mean == pytest.approx(other[budget].mean)
            assert other[budget].low < one[budget].low < one[budget].high < other[budget].high
