"""The share of findings that are missed at a threshold that was chosen inside the draw.

The thresholds are those that a kept classifier has (`radtex transfer --save`): chosen on
out-of-fold predictions of the draw's own studies, before the test. In each repeat they are others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.auc import small_sample
from radtex.statistics.intervals import Estimate, wilson
from radtex.transfer.measures.measured import (
    DefiniteStudies,
    Measured,
    mean_of,
    within,
)
from radtex.transfer.sampling.eligibility import TEST_FLOOR

POINTS = ("youden", "sensitive")
"""The thresholds, in order; see `radtex.statistics.thresholds`."""
ALL = "all studies"
"""The group of all."""


@dataclass(frozen=True)
class MissedMeasured:
    """Of one target, the share of positives below each of POINTS, in the place of budgets."""

    group: Measured
    """Within a group of studies."""
    rest: Measured | None
    """Among all others; None where they have positives of fewer than TEST_FLOOR patients."""
    patients: int
    """Patients of the group with the finding."""


@dataclass(frozen=True)
class MissedShare:
    """The share of findings missed within a group: one target's, or the mean over targets."""

    targets: tuple[str, ...]
    """That the group can serve."""
    patients: int
    """With the finding; of several targets the largest number."""
    missed: dict[str, Estimate]
    """By threshold, of POINTS."""
    difference: dict[str, Estimate]
    """To all other studies, over the targets that both can serve; empty where there is none."""


def measure_missed(
    logits: NDArray[np.float64], thresholds: NDArray[np.float64], tested: DefiniteStudies
) -> dict[str, MissedMeasured]:
    """Measure all studies, and the groups with positives of TEST_FLOOR patients.

    Args:
        logits: (n, R), at one budget.
        thresholds: (R, 2), POINTS of each repeat on the scale of the logits; where a repeat has
            none (NaN), nothing is measured.
        tested: the n studies and their groups.
    """
    if np.isnan(thresholds).any():
        return {}
    missed = logits[tested.positive, :, None] < thresholds
    patients = tested.patients[tested.positive]
    everyone = np.ones(len(patients), np.bool_)
    masks = {ALL: everyone} | {name: mask[tested.positive] for name, mask in tested.groups.items()}
    measured = {}
    for name, mask in masks.items():
        group = _share(missed, patients, mask, tested.patient_count)
        if group is not None:
            rest = _share(missed, patients, ~mask, tested.patient_count)
            measured[name] = MissedMeasured(group, rest, len(np.unique(patients[mask])))
    return measured


def missed_share(
    targets: Sequence[str], measured: Sequence[Mapping[str, MissedMeasured]], name: str
) -> MissedShare | None:
    """Conclude on a group over the targets that it can serve; None where there is none.

    Args:
        targets: T names.
        measured: T times what `measure_missed` returns.
        name: of the group.
    """
    served = [
        (target, each[name]) for target, each in zip(targets, measured, strict=True) if name in each
    ]
    if not served:
        return None
    patients = max(each.patients for _, each in served)
    estimated = mean_of([each.group for _, each in served]).estimates()
    missed = {
        point: _certain(within(found), patients)
        for point, found in zip(POINTS, estimated, strict=True)
    }
    both = [(each.group, each.rest) for _, each in served if each.rest is not None]
    difference = {}
    if both:
        inside, outside = mean_of([one for one, _ in both]), mean_of([other for _, other in both])
        difference = dict(zip(POINTS, inside.minus(outside).estimates(), strict=True))
    return MissedShare(tuple(target for target, _ in served), patients, missed, difference)


def _share(
    missed: NDArray[np.bool_],
    patients: NDArray[np.int64],
    mask: NDArray[np.bool_],
    patient_count: int,
) -> Measured | None:
    """Of positives (n, R, 2) in a mask; None where they are of too few patients."""
    theirs = patients[mask]
    if len(np.unique(theirs)) < TEST_FLOOR:
        return None
    chosen = missed[mask]
    of_study = (chosen - chosen.mean(0)) / len(chosen) * small_sample(theirs)
    by_patient = np.zeros((patient_count, *of_study.shape[1:]))
    np.add.at(by_patient, theirs, of_study)
    return Measured(chosen.mean(0), by_patient.mean(1).T, np.moveaxis(by_patient, 0, -1))


def _certain(value: Estimate, patients: int) -> Estimate:
    """Where all or none are missed there is no variance to see: Wilson, for as many patients."""
    if value.low < value.high:
        return value
    found = wilson(value.mean, patients)
    return replace(value, low=found.low, high=found.high)
