import numpy as np
import pytest
import torch

from fixtures.binormal import resampled, scored
from radtex.statistics.intervals import estimates
from radtex.transfer.measures.net_benefit import THRESHOLDS, net_benefit, treat_all


def by_hand(probability, positive, threshold):
    true = sum(p >= threshold and y for p, y in zip(probability, positive, strict=True))
    false = sum(p >= threshold and not y for p, y in zip(probability, positive, strict=True))
    return (true - false * threshold / (1 - threshold)) / len(positive)


def test_it_is_that_of_counting_by_hand():
    logits, tested = scored(1, patients=60, shape=(3, 1))
    probability = torch.sigmoid(logits).numpy()
    probability[:4, 0] = THRESHOLDS[8]  # a probability at the threshold is acted on
    measured = net_benefit(probability, tested)
    assert measured.values.shape == (3, len(THRESHOLDS))
    for repeat in range(3):
        for place, threshold in enumerate(THRESHOLDS):
            expected = by_hand(probability[:, repeat], tested.positive, threshold)
            assert measured.values[repeat, place] == pytest.approx(expected)


def test_acting_on_everyone_is_the_classifier_that_calls_all_positive():
    _, tested = scored(2)
    everyone = net_benefit(np.ones((len(tested.positive), 1)), tested).values[0]
    expected = treat_all(tested.positive.mean(), np.array(THRESHOLDS))
    np.testing.assert_allclose(everyone, expected)


def test_the_variance_is_that_of_a_bootstrap_over_patients():
    logits, tested = scored(4, patients=500, shape=(1, 1))
    probability = torch.sigmoid(logits)
    replicates = [
        net_benefit(drawn.numpy(), studies).values[0]
        for drawn, studies in resampled(probability, tested, 300)
    ]
    moved = net_benefit(probability.numpy(), tested).influence
    shares = (moved**2).sum(1) / np.var(replicates, axis=0)
    assert ((shares > 0.65) & (shares < 1.5)).all()


def test_bands_cover_the_truth():
    def measured(seed, patients=300):
        logits, tested = scored(seed, patients=patients, shape=(4, 1))
        return net_benefit(torch.sigmoid(logits).numpy(), tested)

    truth = measured(999, 20_000).values.mean(0)
    inside = np.zeros(len(THRESHOLDS))
    for seed in range(120):
        found = measured(900 + seed)
        band = estimates(found.values, found.influence)
        inside += [each.low <= true <= each.high for each, true in zip(band, truth, strict=True)]
    assert (inside >= 0.87 * 120).all()
