"""Sensitivity at a fixed specificity."""

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.auc import small_sample
from radtex.transfer.measures.measured import DefiniteStudies, Measured

SPECIFICITY = 0.95
_SLOPE = 0.03  # half of the stretch of false positive rate over which the curve's slope is taken


def sensitivity(
    scores: NDArray[np.float64], tested: DefiniteStudies, shape: tuple[int, int]
) -> Measured:
    """Measure the sensitivity at SPECIFICITY, the threshold's own uncertainty included.

    The threshold is the one that SPECIFICITY of the negatives lie at or below. A negative moves
    it, and by it the sensitivity as far as the ROC curve is steep: the influence of Linnet 1987
    (Clin. Chem. 33:1495) and Hsieh and Turnbull 1996 (Ann. Stat. 24:25), with the slope of the
    curve taken from its mean over repeats.

    Args:
        scores: (n, R · B), repeats first; of any scale.
        tested: the n studies.
        shape: (R, B).
    """
    positive, negative = tested.positive, ~tested.positive
    ordered = np.sort(scores[negative], axis=0)
    rates = (1 - SPECIFICITY - _SLOPE, 1 - SPECIFICITY, 1 - SPECIFICITY + _SLOPE)
    above = [scores > _threshold(ordered, rate) for rate in rates]
    rate_of = [each[positive].mean(0) for each in above]
    slope = ((rate_of[2] - rate_of[0]) / (2 * _SLOPE)).reshape(shape).mean(0)
    beyond = above[1].reshape(-1, *shape)
    per_study = np.zeros(beyond.shape)
    for side, factor in ((positive, np.ones(shape[1])), (negative, -slope)):
        theirs = beyond[side] - beyond[side].mean(0)
        per_study[side] = factor * theirs * small_sample(tested.patients[side]) / side.sum()
    moved = tested.sum_by_patient(per_study.reshape(len(positive), -1)).T.reshape(*shape, -1)
    return Measured(rate_of[1].reshape(shape), moved.mean(0), moved)


def _threshold(ordered: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """The least score of each ascending column that at most `rate` of the scores lie above."""
    threshold: NDArray[np.float64] = ordered[-1 - int(rate * len(ordered) + 1e-9)]
    return threshold
