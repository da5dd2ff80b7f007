import numpy as np
import pytest
import torch

from fixtures.binormal import scored
from radtex.statistics.auc import auc
from radtex.transfer.measures.average_precision import average_precision
from radtex.transfer.measures.missed_share import ALL
from radtex.transfer.measures.net_benefit import THRESHOLDS
from radtex.transfer.measures.validation import (
    FAR,
    measure_validation,
    validate,
    validation_over_seeds,
)

LINES = np.array([[0.2, -1.0], [0.0, -0.8], [0.4, -1.5]])


def measured(seed, logits=True, lines=LINES):
    scores, tested = scored(seed, shape=(3, 1))
    return measure_validation(scores, tested, logits, lines), scores, tested


def concluded(measures, tested, share=0.2):
    labels = tested.positive[:, None].astype(np.float32)
    return validate(["A"], labels, (), [measures], np.array([share]))


def test_a_target_is_given_every_estimate():
    measures, scores, tested = measured(1)
    found = concluded(measures, tested)
    of_target = found.targets["A"]
    values = average_precision(scores, tested).values
    assert of_target.average_precision.mean == pytest.approx(values.mean())
    ratio = tested.positive.sum() * 3 / torch.sigmoid(scores).sum()
    assert of_target.observed_expected.mean == pytest.approx(float(ratio))
    assert of_target.observed_expected.low < ratio < of_target.observed_expected.high
    assert len(of_target.net_benefit) == len(THRESHOLDS)
    assert dict(of_target.missed)[ALL].missed == found.missed[ALL].missed
    worst = found.misses[0]
    _, components = auc(scores, tested.positive)
    assert tested.positive[worst.study]
    assert worst.outranked == pytest.approx(1 - float(components[worst.study].mean()))


def test_scores_that_are_no_logits_have_no_probabilities():
    measures, _, tested = measured(1, logits=False, lines=None)
    found = concluded(measures, tested).targets["A"]
    assert (found.slope, found.observed_expected, found.net_benefit) == (None, None, ())
    assert (found.risks, found.missed) == (None, ())


def test_sharing_more_of_the_pool_widens_intervals():
    measures, _, tested = measured(1)
    little, much = (concluded(measures, tested, share).targets["A"] for share in (0.1, 0.7))
    for name in ("average_precision", "slope", "intercept", "observed_expected"):
        one, other = getattr(little, name), getattr(much, name)
        assert one.mean == pytest.approx(other.mean)
        assert other.low < one.low < one.high < other.high


def test_seeds_are_averaged():
    one, scores, tested = measured(1)
    other = measure_validation(scores + 0.5, tested, True, LINES)
    both = validation_over_seeds([one, other])
    slopes = [each.probabilities.recalibration.intercept.values for each in (one, other)]
    np.testing.assert_allclose(
        both.probabilities.recalibration.intercept.values, np.mean(slopes, axis=0)
    )
    missed = [each.missed[ALL].group.influence for each in (one, other)]
    np.testing.assert_allclose(both.missed[ALL].group.influence, np.mean(missed, axis=0))
    assert both.probabilities.risks.positive.sum() == 2 * 3 * tested.positive.sum()
    without = measure_validation(scores, tested, False, None)
    assert validation_over_seeds([without, without]).probabilities is None


def test_ratios_that_two_draws_of_a_pool_tell_nothing_of_stay_finite():
    scores, tested = scored(1, shape=(2, 1))
    scores[:, 1] -= 30
    found = concluded(measure_validation(scores, tested, True, None), tested, share=0.95)
    ratio = found.targets["A"].observed_expected
    assert 0.999 / FAR <= ratio.low < ratio.mean < ratio.high <= 1.001 * FAR
    scores[:] = -2000
    found = concluded(measure_validation(scores, tested, True, None), tested, share=0.95)
    assert found.targets["A"].observed_expected is None
