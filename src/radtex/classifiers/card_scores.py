"""What a classifier reached on the test: measured once it is finished, and only to be reported."""

from dataclasses import dataclass
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray

from radtex.classifiers.thresholds import OperatingPoint, Thresholds
from radtex.statistics.auc import auc, influence
from radtex.statistics.intervals import Estimate, Interval, estimate, wilson


@dataclass(frozen=True)
class TargetScores:
    """Of one target, on n test studies; intervals are over patients."""

    studies: int
    positive: int
    auc: Interval
    brier: Interval
    sensitivity: dict[str, Interval]
    """By operating point, as `specificity`."""
    specificity: dict[str, Interval]


def score_target(
    probabilities: NDArray[np.float64],
    positive: NDArray[np.bool_],
    patients: NDArray[np.int64],
    thresholds: Thresholds,
) -> TargetScores:
    """Score the probabilities (n,) of studies with definite labels, both classes among them."""
    people = int(patients.max()) + 1
    area, components = auc(torch.from_numpy(probabilities)[:, None], positive)
    moved = influence(components.cpu().numpy(), positive, patients, people)[:, 0]
    squared = (probabilities - positive) ** 2
    sensitivity, specificity = {}, {}
    for point in get_args(OperatingPoint):
        present = probabilities >= thresholds.at(point)
        sensitivity[point] = proportion(present[positive], patients[positive])
        specificity[point] = proportion(~present[~positive], patients[~positive])
    return TargetScores(
        studies=len(positive),
        positive=int(positive.sum()),
        auc=_within(estimate(area, moved)),
        brier=_within(estimate(squared.mean(keepdims=True), _moved(squared, patients))),
        sensitivity=sensitivity,
        specificity=specificity,
    )


def proportion(holds: NDArray[np.bool_], patients: NDArray[np.int64]) -> Interval:
    """The share of n studies for which something holds, with Wilson's interval (1927).

    Its n is the number of independent studies with the same variance over `patients` (n,); where
    that cannot be told, because it holds for all or for none, the number of patients.
    """
    share = float(holds.mean())
    variance = float((_moved(holds.astype(np.float64), patients) ** 2).sum())
    people = len(np.unique(patients))
    count = min(share * (1 - share) / variance, len(holds)) if variance > 0 else people
    return wilson(share, count)


def _moved(values: NDArray[np.float64], patients: NDArray[np.int64]) -> NDArray[np.float64]:
    """How far each patient moves the mean of studies' values."""
    _, patient = np.unique(patients, return_inverse=True)
    return np.bincount(patient, values - values.mean()) / len(values)


def _within(value: Estimate) -> Interval:
    return Interval(value.mean, max(value.low, 0.0), min(value.high, 1.0))
