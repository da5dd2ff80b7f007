"""What scores are worth as a classifier: calibration, operating point and subgroups together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.statistics.intervals import Estimate
from radtex.transfer.measures.calibration import (
    Reliability,
    ReliabilityBin,
    brier,
    reliability,
    reliability_bins,
    together,
)
from radtex.transfer.measures.measured import (
    DefiniteStudies,
    Measured,
    by_budget,
    by_target,
    mean_of,
)
from radtex.transfer.measures.sensitivity import sensitivity
from radtex.transfer.measures.strata import TargetStrata, target_strata
from radtex.transfer.measures.subgroup_auc import (
    SubgroupAuc,
    SubgroupMeasured,
    measure_subgroups,
    subgroup_auc,
)
from radtex.transfer.measures.validation import (
    Validation,
    ValidationMeasures,
    measure_validation,
    validate,
    validation_over_seeds,
)
from radtex.transfer.sampling.experiment import Experiment


@dataclass(frozen=True)
class TargetMeasures:
    """What one target's scores say beside their AUC."""

    sensitivity: Measured
    """At the threshold of `sensitivity.SPECIFICITY`."""
    subgroups: Mapping[str, SubgroupMeasured]
    """At the largest budget; only groups that can be measured."""
    brier: Measured | None
    """None, as `reliability`, where scores are no logits."""
    reliability: Reliability | None
    """At the largest budget."""
    validation: ValidationMeasures
    """At the largest budget."""


@dataclass(frozen=True)
class ClassifierResults:
    """One encoder's scores as those of classifiers."""

    sensitivity: dict[int, Estimate]
    """Mean over targets at `sensitivity.SPECIFICITY`, by budget."""
    target_sensitivity: dict[str, dict[int, Estimate]]
    """By target and budget."""
    brier: dict[int, Estimate]
    """Mean over targets by budget; empty where scores are no probabilities."""
    target_brier: dict[str, dict[int, Estimate]]
    """By target and budget; empty where scores are no probabilities."""
    reliability: tuple[ReliabilityBin, ...]
    """All targets together at the largest budget."""
    subgroups: tuple[SubgroupAuc, ...]
    """At the largest budget."""
    strata: tuple[TargetStrata, ...]
    """Of each target, at the largest budget."""
    validation: Validation
    """Of each target, at the largest budget."""


def measure_target(
    scores: Tensor,
    tested: DefiniteStudies,
    shape: tuple[int, int],
    logits: bool,
    thresholds: NDArray[np.float64] | None = None,
) -> TargetMeasures:
    """Measure one target's scores.

    Args:
        scores: (n, R · B), repeats first.
        tested: the n studies.
        shape: (R, B).
        logits: whether the sigmoid of a score is a probability.
        thresholds: (R · B, 2), those that each draw chose (see `missed_share`); None where draws
            choose none.
    """
    largest = scores.reshape(-1, *shape)[:, :, -1]
    wide = scores.detach().double()
    of_brier = of_reliability = None
    if logits:
        probability = torch.sigmoid(wide).cpu().numpy()
        of_brier = brier(probability, tested, shape)
        of_reliability = reliability(probability.reshape(-1, *shape)[:, :, -1], tested)
    return TargetMeasures(
        sensitivity=sensitivity(wide.cpu().numpy(), tested, shape),
        subgroups=measure_subgroups(largest, tested),
        brier=of_brier,
        reliability=of_reliability,
        validation=measure_validation(
            largest,
            tested,
            logits,
            None if thresholds is None else thresholds.reshape(*shape, 2)[:, -1],
        ),
    )


def mean_over_seeds(measures: Sequence[TargetMeasures]) -> TargetMeasures:
    """Average one target's measures over seeds; predictions of all seeds share the bins."""
    first = measures[0]

    def mean_of_group(name: str) -> SubgroupMeasured:
        groups = [each.subgroups[name] for each in measures]
        rests = [group.rest for group in groups if group.rest is not None]
        return replace(
            groups[0],
            group=mean_of([group.group for group in groups]),
            rest=mean_of(rests) if rests else None,
        )

    reliabilities = [each.reliability for each in measures if each.reliability is not None]
    briers = [each.brier for each in measures if each.brier is not None]
    return TargetMeasures(
        sensitivity=mean_of([each.sensitivity for each in measures]),
        subgroups={name: mean_of_group(name) for name in first.subgroups},
        brier=mean_of(briers) if briers else None,
        reliability=together(reliabilities) if reliabilities else None,
        validation=validation_over_seeds([each.validation for each in measures]),
    )


def classifier_results(
    experiment: Experiment, measures: Sequence[TargetMeasures]
) -> ClassifierResults:
    """Conclude on one encoder from the measures of each of the experiment's targets."""
    targets, budgets = experiment.targets, experiment.budgets
    shares = [*zip(experiment.pool_share, measures, strict=True)]
    sensitivities = [each.sensitivity.over_pools(share) for share, each in shares]
    briers = [each.brier.over_pools(share) for share, each in shares if each.brier is not None]
    subgroups = [
        {group: found.over_pools(share[-1:]) for group, found in each.subgroups.items()}
        for share, each in shares
    ]
    return ClassifierResults(
        sensitivity=by_budget(budgets, sensitivities),
        target_sensitivity=by_target(targets, budgets, sensitivities),
        brier=by_budget(budgets, briers) if briers else {},
        target_brier=by_target(targets, budgets, briers) if briers else {},
        reliability=reliability_bins(
            [each.reliability for each in measures if each.reliability is not None]
        ),
        subgroups=subgroup_auc(experiment.test.groups, targets, subgroups),
        strata=target_strata(targets, subgroups),
        validation=validate(
            targets,
            experiment.test.labels,
            experiment.test.groups,
            [each.validation for each in measures],
            experiment.pool_share[:, -1],
        ),
    )
