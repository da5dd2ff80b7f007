"""What the probes are worth as classifiers: means over targets, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.intervals import Estimate, estimate
from radtex.transfer.design import Experiment, Scores
from radtex.transfer.measures.operating import BINS, Measured, TargetOperating

LEAST_IN_A_BIN = 10
"""Patients without whom a reliability bin is not shown."""


@dataclass(frozen=True)
class ReliabilityBin:
    """Of the predictions with a probability in one bin: their mean, and the share of positives."""

    predictions: int
    predicted: float
    observed: Estimate
    """Its interval is over patients."""


@dataclass(frozen=True)
class SubgroupAuc:
    """The mean AUC within a group at the largest budget, over the targets that it can serve."""

    group: str
    targets: tuple[str, ...]
    studies: int
    """With a definite label for a target, the largest count over targets."""
    auc: Estimate
    difference: Estimate | None
    """To all other studies, over the targets that both can serve; None where there is none."""


@dataclass(frozen=True)
class ClassifierResults:
    """One encoder's probes as classifiers."""

    sensitivity: dict[int, Estimate]
    """Mean over targets at `operating.SPECIFICITY`, by budget."""
    target_sensitivity: dict[str, dict[int, Estimate]]
    brier: dict[int, Estimate]
    """Mean over targets by budget; empty where scores are no probabilities."""
    target_brier: dict[str, dict[int, Estimate]]
    reliability: tuple[ReliabilityBin, ...]
    """All targets together at the largest budget; bins of fewer than LEAST_IN_A_BIN
    patients are left out."""
    subgroups: tuple[SubgroupAuc, ...]


def classifier_results(
    experiment: Experiment, scores: Mapping[str, Scores]
) -> dict[str, ClassifierResults]:
    """Conclude on each encoder, by name, that was measured as a classifier."""
    return {
        name: _conclude(experiment, score.operating)
        for name, score in scores.items()
        if score.operating
    }


def _conclude(experiment: Experiment, targets: Sequence[TargetOperating]) -> ClassifierResults:
    budgets = experiment.budgets
    sensitivity = [target.sensitivity for target in targets]
    brier = [target.brier for target in targets if target.brier is not None]
    return ClassifierResults(
        sensitivity=_by_budget(budgets, sensitivity),
        target_sensitivity=_by_target(experiment, sensitivity),
        brier=_by_budget(budgets, brier) if brier else {},
        target_brier=_by_target(experiment, brier) if brier else {},
        reliability=_reliability(targets),
        subgroups=_subgroups(experiment, targets),
    )


def _by_target(
    experiment: Experiment, measured: Sequence[Measured]
) -> dict[str, dict[int, Estimate]]:
    return {
        name: _by_budget(experiment.budgets, [each])
        for name, each in zip(experiment.targets, measured, strict=True)
    }


def _by_budget(budgets: Sequence[int], measured: Sequence[Measured]) -> dict[int, Estimate]:
    values, moved = _mean(measured)
    return {
        budget: _within(estimate(values[:, place], moved[place]))
        for place, budget in enumerate(budgets)
    }


def _mean(measured: Sequence[Measured]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean over targets of values (R, B) and of influences (B, P)."""
    return (
        np.mean([each.values for each in measured], axis=0),
        np.mean([each.influence for each in measured], axis=0),
    )


def _within(value: Estimate) -> Estimate:
    return replace(value, low=max(value.low, 0.0), high=min(value.high, 1.0))


def _reliability(targets: Sequence[TargetOperating]) -> tuple[ReliabilityBin, ...]:
    measured = [target.reliability for target in targets if target.reliability is not None]
    if not measured:
        return ()
    predicted = np.sum([each.predicted for each in measured], axis=0)
    counts = np.sum([each.counts for each in measured], axis=0)
    positives = np.sum([each.positives for each in measured], axis=0)
    bins = []
    for place in range(BINS):
        theirs = counts[place] > 0
        patients, count = int(theirs.sum()), counts[place].sum()
        if patients < LEAST_IN_A_BIN:
            continue
        share = positives[place].sum() / count
        moved = (positives[place] - share * counts[place])[theirs] / count
        observed = estimate(np.array([share]), moved * np.sqrt(patients / (patients - 1)))
        if share in (0, 1):  # no variance to see: Clopper and Pearson, for as many patients
            far = 1 - 0.025 ** (1 / patients)
            observed = replace(observed, low=share - share * far, high=share + (1 - share) * far)
        bins.append(ReliabilityBin(int(count), float(predicted[place] / count), _within(observed)))
    return tuple(bins)


def _subgroups(
    experiment: Experiment, targets: Sequence[TargetOperating]
) -> tuple[SubgroupAuc, ...]:
    results = []
    for group in experiment.test.groups:
        served = [
            (name, target.subgroups[group])
            for name, target in zip(experiment.targets, targets, strict=True)
            if group in target.subgroups
        ]
        if not served:
            continue
        values, moved = _mean([each.group for _, each in served])
        both = [(each.group, each.rest) for _, each in served if each.rest is not None]
        difference = None
        if both:
            inside, moved_inside = _mean([one for one, _ in both])
            outside, moved_outside = _mean([other for _, other in both])
            difference = estimate((inside - outside)[:, 0], (moved_inside - moved_outside)[0])
        results.append(
            SubgroupAuc(
                group,
                tuple(name for name, _ in served),
                max(each.studies for _, each in served),
                _within(estimate(values[:, 0], moved[0])),
                difference,
            )
        )
    return tuple(results)
