"""Probes as classifiers: calibration, operating points and subgroups, on the scored studies.

Each measure is a mean over repeats, with the influence of every test patient on it, so that
`statistics.estimate` gives it an interval over draws and patients as it does for the AUC.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.statistics.auc import auc, influence
from radtex.transfer.sampling.draws import TEST_FLOOR

BINS = 10
"""Reliability bins, equally wide in probability."""
SPECIFICITY = 0.95
_SLOPE = 0.03  # half of the stretch of false positive rate over which the curve's slope is taken


@dataclass(frozen=True)
class Measured:
    """A measure in R repeats at B budgets."""

    values: NDArray[np.float64]
    """(R, B)"""
    influence: NDArray[np.float64]
    """(B, P): of each test patient on the mean over repeats."""


@dataclass(frozen=True)
class Reliability:
    """Predicted and observed in BINS bins at the largest budget, all repeats together."""

    predicted: NDArray[np.float64]
    """(BINS,): sum of the probabilities."""
    counts: NDArray[np.float64]
    """(BINS, P): predictions of each patient."""
    positives: NDArray[np.float64]
    """(BINS, P): those of positive studies."""


@dataclass(frozen=True)
class SubgroupMeasured:
    """The AUC at the largest budget within a group and within the rest; B = 1."""

    group: Measured
    rest: Measured | None
    """None where the rest has fewer than TEST_FLOOR studies of a class."""
    studies: int
    positive: int


@dataclass(frozen=True)
class TargetOperating:
    """What one target's scores say beside their AUC."""

    sensitivity: Measured
    """At the threshold that SPECIFICITY of the negatives lie at or below."""
    subgroups: Mapping[str, SubgroupMeasured]
    """Only groups with TEST_FLOOR studies of each class."""
    brier: Measured | None
    """None, as `reliability`, where scores are no logits."""
    reliability: Reliability | None


def operate(
    scores: Tensor,
    positive: NDArray[np.bool_],
    patients: NDArray[np.int64],
    patient_count: int,
    shape: tuple[int, int],
    groups: Mapping[str, NDArray[np.bool_]],
    logits: bool = True,
) -> TargetOperating:
    """Measure one target's scores.

    `scores` is (n, R · B), repeats first, of the n definite test studies; `positive`, `patients`
    (numbered to `patient_count`) and the masks in `groups` are (n,); `shape` is (R, B). Where
    `logits`, the sigmoid of a score is a probability.
    """
    columns = scores.detach().double().cpu().numpy()
    brier = reliability = None
    if logits:
        probability = torch.sigmoid(scores.detach().double()).cpu().numpy()
        brier = _brier(probability, positive, patients, patient_count, shape)
        largest = probability.reshape(-1, *shape)[:, :, -1]
        reliability = _reliability(largest, positive, patients, patient_count)
    last = scores.reshape(-1, *shape)[:, :, -1]
    subgroups = {}
    for name, mask in groups.items():
        group = _subgroup(last, positive, patients, patient_count, mask)
        if group is not None:
            rest = _subgroup(last, positive, patients, patient_count, ~mask)
            subgroups[name] = SubgroupMeasured(
                group, rest, int(mask.sum()), int((mask & positive).sum())
            )
    return TargetOperating(
        sensitivity=_sensitivity(columns, positive, patients, patient_count, shape),
        subgroups=subgroups,
        brier=brier,
        reliability=reliability,
    )


def _brier(
    probability: NDArray[np.float64],
    positive: NDArray[np.bool_],
    patients: NDArray[np.int64],
    patient_count: int,
    shape: tuple[int, int],
) -> Measured:
    """Mean squared distance of probability and outcome (Brier 1950, Mon. Weather Rev. 78:1)."""
    errors = ((probability - positive[:, None]) ** 2).reshape(-1, *shape)
    mean = errors.mean(1)
    moved = _summed((mean - mean.mean(0)) / len(mean), patients, patient_count)
    return Measured(errors.mean(0), (moved * _small_sample(patients)).T)


def _sensitivity(
    scores: NDArray[np.float64],
    positive: NDArray[np.bool_],
    patients: NDArray[np.int64],
    patient_count: int,
    shape: tuple[int, int],
) -> Measured:
    """Sensitivity at SPECIFICITY, the threshold's own uncertainty included.

    A negative moves the threshold, and by it the sensitivity as far as the ROC curve is steep:
    the influence of Linnet 1987 (Clin. Chem. 33:1495) and Hsieh and Turnbull 1996 (Ann. Stat.
    24:25), with the slope of the curve taken from its mean over repeats.
    """
    negative = ~positive
    ordered = np.sort(scores[negative], axis=0)
    rates = (1 - SPECIFICITY - _SLOPE, 1 - SPECIFICITY, 1 - SPECIFICITY + _SLOPE)
    above = [scores > _threshold(ordered, rate) for rate in rates]
    rate_of = [each[positive].mean(0) for each in above]
    slope = ((rate_of[2] - rate_of[0]) / (2 * _SLOPE)).reshape(shape).mean(0)
    beyond = above[1].reshape(-1, *shape).mean(1)
    per_study = np.zeros_like(beyond)
    for side, factor in ((positive, np.ones(shape[1])), (negative, -slope)):
        theirs = beyond[side] - beyond[side].mean(0)
        per_study[side] = factor * theirs * _small_sample(patients[side]) / side.sum()
    moved = _summed(per_study, patients, patient_count)
    return Measured(rate_of[1].reshape(shape), moved.T)


def _threshold(ordered: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """The least score of each ascending column that at most `rate` of the scores lie above."""
    threshold: NDArray[np.float64] = ordered[-1 - int(rate * len(ordered) + 1e-9)]
    return threshold


def _reliability(
    probability: NDArray[np.float64],
    positive: NDArray[np.bool_],
    patients: NDArray[np.int64],
    patient_count: int,
) -> Reliability:
    bins = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    places = bins * patient_count + patients[:, None]
    counts = np.bincount(places.ravel(), minlength=BINS * patient_count).astype(np.float64)
    positives = np.bincount(places[positive].ravel(), minlength=len(counts)).astype(np.float64)
    predicted = np.bincount(bins.ravel(), probability.ravel(), minlength=BINS).astype(np.float64)
    return Reliability(
        predicted,
        counts.reshape(BINS, patient_count),
        positives.reshape(BINS, patient_count),
    )


def _subgroup(
    scores: Tensor,
    positive: NDArray[np.bool_],
    patients: NDArray[np.int64],
    patient_count: int,
    mask: NDArray[np.bool_],
) -> Measured | None:
    theirs = positive[mask]
    if min(theirs.sum(), (~theirs).sum()) < TEST_FLOOR:
        return None
    if min(len(np.unique(patients[mask & side])) for side in (positive, ~positive)) < 2:
        return None
    reached, components = auc(scores[torch.from_numpy(mask).to(scores.device)], theirs)
    mean = components.cpu().numpy().mean(1, keepdims=True)
    moved = influence(mean, theirs, patients[mask], patient_count)
    return Measured(reached[:, None], moved.T)


def _summed(
    of_study: NDArray[np.float64], patients: NDArray[np.int64], patient_count: int
) -> NDArray[np.float64]:
    """Sum over the studies of each patient: (n, k) to (patient_count, k)."""
    return np.stack(
        [np.bincount(patients, column, minlength=patient_count) for column in of_study.T], axis=1
    )


def _small_sample(patients: NDArray[np.int64]) -> float:
    clusters = len(np.unique(patients))
    return float(np.sqrt(clusters / (clusters - 1)))
