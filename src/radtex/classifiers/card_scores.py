"""What a classifier reached on the test: measured once it is finished, and only to be reported."""

from dataclasses import dataclass
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray

from radtex.statistics.auc import auc, influence
from radtex.statistics.intervals import Estimate, Interval, estimate
from radtex.statistics.proportion import moved, proportion
from radtex.statistics.thresholds import OperatingPoint, Thresholds


@dataclass(frozen=True)
class TargetScores:
    """Scores of one target; intervals are over patients."""

    studies: int
    """Test studies with a definite label."""
    positive: int
    """Those of them that have the finding."""
    auc: Interval
    """Area under the ROC curve."""
    brier: Interval
    """Mean squared error of the probabilities (Brier 1950)."""
    sensitivity: dict[str, Interval]
    """By operating point."""
    specificity: dict[str, Interval]
    """By operating point."""


def score_target(
    probabilities: NDArray[np.float64],
    positive: NDArray[np.bool_],
    patients: NDArray[np.int64],
    thresholds: Thresholds,
) -> TargetScores:
    """Score the probabilities of studies with definite labels, both classes among them.

    Args:
        probabilities: of the n studies, (n,).
        positive: their labels, (n,).
        patients: of the studies, (n,), numbered from 0.
        thresholds: those of the target.
    """
    people = int(patients.max()) + 1
    area, components = auc(torch.from_numpy(probabilities)[:, None], positive)
    shifts = influence(components.cpu().numpy(), positive, patients, people)[:, 0]
    squared = (probabilities - positive) ** 2
    sensitivity, specificity = {}, {}
    for point in get_args(OperatingPoint):
        present = probabilities >= thresholds.at(point)
        sensitivity[point] = proportion(present[positive], patients[positive])
        specificity[point] = proportion(~present[~positive], patients[~positive])
    return TargetScores(
        studies=len(positive),
        positive=int(positive.sum()),
        auc=_within(estimate(area, shifts)),
        brier=_within(estimate(squared.mean(keepdims=True), moved(squared, patients))),
        sensitivity=sensitivity,
        specificity=specificity,
    )


def _within(value: Estimate) -> Interval:
    return Interval(value.mean, max(value.low, 0.0), min(value.high, 1.0))
