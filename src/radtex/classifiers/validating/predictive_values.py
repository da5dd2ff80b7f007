"""What a yes and a no are worth: predictive values, by how frequent a finding is."""

import math
from dataclasses import dataclass

from radtex.statistics.intervals import Interval


@dataclass(frozen=True)
class PredictiveValues:
    """At one threshold and prevalence."""

    positive: Interval
    """Of the studies with a yes, the share that has the finding."""
    negative: Interval
    """Of the studies with a no, the share that does not."""


def predictive_values(
    sensitivity: Interval, specificity: Interval, prevalence: float
) -> PredictiveValues:
    """Follow from sensitivity and specificity by Bayes.

    The odds are those of the prevalence times a ratio of two independent shares. The interval of
    its logarithm joins those of the shares by the method of variance estimates recovery (Zou and
    Donner 2008, Stat. Med. 27:1693), which needs no variance where a share is 0 or 1.

    Args:
        sensitivity: with its interval.
        specificity: with its interval.
        prevalence: between 0 and 1.
    """
    alarms = Interval(1 - specificity.value, 1 - specificity.high, 1 - specificity.low)
    missed = Interval(1 - sensitivity.value, 1 - sensitivity.high, 1 - sensitivity.low)
    odds = math.log(prevalence / (1 - prevalence))
    return PredictiveValues(_share(sensitivity, alarms, odds), _share(specificity, missed, -odds))


def difference(a: Interval, b: Interval) -> Interval:
    """A − b of independent estimates, by the same method."""
    low = math.hypot(a.value - a.low, b.high - b.value)
    high = math.hypot(a.high - a.value, b.value - b.low)
    return Interval(a.value - b.value, a.value - b.value - low, a.value - b.value + high)


def _share(right: Interval, wrong: Interval, odds: float) -> Interval:
    """Right · π / (right · π + wrong · (1 − π)), at the log odds of π."""
    if right.value == 0 or wrong.value == 0:  # the logarithms have no distance: the widest ends
        value = math.nan if right.value == wrong.value else float(wrong.value == 0)
        return Interval(
            value,
            _sigmoid(odds + _log(right.low) - _log(wrong.high)),
            _sigmoid(odds + _log(right.high) - _log(wrong.low)),
        )
    a = Interval(_log(right.value), _log(right.low), _log(right.high))
    b = Interval(_log(wrong.value), _log(wrong.low), _log(wrong.high))
    ratio = difference(a, b)
    return Interval(*(_sigmoid(odds + each) for each in (ratio.value, ratio.low, ratio.high)))


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _sigmoid(value: float) -> float:
    if math.isnan(value):
        return 0.0
    return 0.0 if value < -700 else 1 / (1 + math.exp(-min(value, 700.0)))
