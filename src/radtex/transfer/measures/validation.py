"""What each target's scores are worth at the largest budget, beside their AUC.

These are the measures that guidelines ask of a validation: discrimination at the prevalence,
calibration, clinical utility, and errors by group (Van Calster et al. 2025, "Evaluation of
performance measures in predictive artificial intelligence models to support medical decisions";
Collins et al. 2024, TRIPOD+AI).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.statistics.auc import auc
from radtex.statistics.intervals import Estimate
from radtex.transfer.measures.average_precision import average_precision
from radtex.transfer.measures.measured import DefiniteStudies, Measured, mean_of, within
from radtex.transfer.measures.missed_share import (
    ALL,
    MissedMeasured,
    MissedShare,
    measure_missed,
    missed_share,
)
from radtex.transfer.measures.misses import Miss, Standing, mean_standing, worst_misses
from radtex.transfer.measures.net_benefit import net_benefit
from radtex.transfer.measures.recalibration import Recalibration, recalibrate
from radtex.transfer.measures.risk_distribution import (
    RiskDistribution,
    all_risks,
    risk_distribution,
)

FAR = 1000.0
"""A ratio of observed to expected beyond which all are alike."""


@dataclass(frozen=True)
class ProbabilityMeasures:
    """What one target's probabilities are worth."""

    recalibration: Recalibration
    """How far they are from what is observed."""
    net_benefit: Measured
    """By threshold, of `net_benefit.THRESHOLDS`."""
    risks: RiskDistribution
    """Their distribution."""


@dataclass(frozen=True)
class ValidationMeasures:
    """What one target's scores are worth at one budget (B = 1)."""

    average_precision: Measured
    """Area under precision and recall."""
    missed: Mapping[str, MissedMeasured]
    """By group; empty where the draws chose no thresholds."""
    standing: Standing
    """Where each study stands."""
    probabilities: ProbabilityMeasures | None
    """None where scores are no logits."""


@dataclass(frozen=True)
class TargetValidation:
    """Estimates of one target."""

    average_precision: Estimate
    """Area under precision and recall."""
    slope: Estimate | None = None
    """Calibration slope; None, as all below, where there is none."""
    intercept: Estimate | None = None
    """Calibration in the large, in log odds."""
    observed_expected: Estimate | None = None
    """Observed positives over expected ones, cut at FAR and 1 / FAR; its p value is
    that of their being equal."""
    net_benefit: tuple[Estimate, ...] = ()
    """By threshold, of `net_benefit.THRESHOLDS`."""
    risks: RiskDistribution | None = None
    """The distribution of probabilities."""
    missed: tuple[tuple[str, MissedShare], ...] = ()
    """By group, of `missed_share.ALL` and those that can be measured."""


@dataclass(frozen=True)
class Validation:
    """Estimates of one encoder."""

    targets: dict[str, TargetValidation]
    """By target."""
    missed: dict[str, MissedShare]
    """Mean over targets, by group."""
    misses: tuple[Miss, ...]
    """The worst, worst first."""


def measure_validation(
    scores: Tensor,
    tested: DefiniteStudies,
    logits: bool,
    thresholds: NDArray[np.float64] | None,
) -> ValidationMeasures:
    """Measure one target's scores.

    Args:
        scores: (n, R), at the largest budget.
        tested: the n studies.
        logits: whether the sigmoid of a score is a probability.
        thresholds: (R, 2), `missed_share.POINTS` of each repeat; None where none were chosen.
    """
    wide = scores.detach().double().cpu()
    _, components = auc(wide, tested.positive)
    outranked = 1 - components.mean(1).numpy()
    of_probabilities = probability = None
    if logits:
        probability = torch.sigmoid(wide).numpy()
        of_probabilities = ProbabilityMeasures(
            recalibrate(wide.numpy(), tested),
            net_benefit(probability, tested),
            risk_distribution(probability, tested),
        )
    return ValidationMeasures(
        average_precision(wide, tested),
        {} if thresholds is None else measure_missed(wide.numpy(), thresholds, tested),
        Standing(outranked, None if probability is None else probability.mean(1)),
        of_probabilities,
    )


def validation_over_seeds(measures: Sequence[ValidationMeasures]) -> ValidationMeasures:
    """Average one target's measures over seeds; what one seed lacks, all lack."""
    of_probabilities = [each.probabilities for each in measures if each.probabilities is not None]
    together = None
    if of_probabilities:
        each_recalibration = [each.recalibration for each in of_probabilities]
        together = ProbabilityMeasures(
            Recalibration(
                slope=_mean_where_all([each.slope for each in each_recalibration]),
                intercept=_mean_where_all([each.intercept for each in each_recalibration]),
                log_ratio=_mean_where_all([each.log_ratio for each in each_recalibration]),
            ),
            mean_of([each.net_benefit for each in of_probabilities]),
            all_risks([each.risks for each in of_probabilities]),
        )
    groups = [name for name in measures[0].missed if all(name in each.missed for each in measures)]
    return ValidationMeasures(
        mean_of([each.average_precision for each in measures]),
        {name: _missed_over_seeds([each.missed[name] for each in measures]) for name in groups},
        mean_standing([each.standing for each in measures]),
        together,
    )


def validate(
    targets: Sequence[str],
    labels: NDArray[np.float32],
    groups: Iterable[str],
    measures: Sequence[ValidationMeasures],
    shares: NDArray[np.float64],
) -> Validation:
    """Conclude on one encoder.

    Args:
        targets: T names.
        labels: (studies, T), of the test.
        groups: names of groups of studies, in the order that they are told in.
        measures: of each target.
        shares: (T,), of the pool that a draw of the largest budget takes.
    """
    missed = [
        {name: _missed_over_pools(found, share) for name, found in each.missed.items()}
        for each, share in zip(measures, shares, strict=True)
    ]
    over_targets = {name: missed_share(targets, missed, name) for name in (ALL, *groups)}
    return Validation(
        {
            target: _target(target, each, share, its_missed)
            for target, each, share, its_missed in zip(
                targets, measures, shares, missed, strict=True
            )
        },
        {name: found for name, found in over_targets.items() if found is not None},
        worst_misses(targets, labels, [each.standing for each in measures]),
    )


def _target(
    target: str,
    measures: ValidationMeasures,
    share: float,
    missed: Mapping[str, MissedMeasured],
) -> TargetValidation:
    shares = {name: missed_share((target,), (missed,), name) for name in missed}
    said = TargetValidation(
        average_precision=within(_estimates(measures.average_precision, share)[0]),
        missed=tuple((name, found) for name, found in shares.items() if found is not None),
    )
    if measures.probabilities is None:
        return said
    recalibration = measures.probabilities.recalibration
    return replace(
        said,
        slope=_optional(recalibration.slope, share),
        intercept=_optional(recalibration.intercept, share),
        observed_expected=_ratio(_optional(recalibration.log_ratio, share)),
        net_benefit=_estimates(measures.probabilities.net_benefit, share),
        risks=measures.probabilities.risks,
    )


def _estimates(measured: Measured, share: float) -> tuple[Estimate, ...]:
    return measured.over_pools(np.array(share)).estimates()


def _optional(measured: Measured | None, share: float) -> Estimate | None:
    return None if measured is None else _estimates(measured, share)[0]


def _ratio(logarithm: Estimate | None) -> Estimate | None:
    if logarithm is None:
        return None
    three, limit = np.array([logarithm.mean, logarithm.low, logarithm.high]), np.log(FAR)
    mean, low, high = np.exp(three.clip(-limit, limit)).tolist()
    return replace(logarithm, mean=mean, low=low, high=high)


def _missed_over_pools(missed: MissedMeasured, share: float) -> MissedMeasured:
    rest = None if missed.rest is None else missed.rest.over_pools(np.array(share))
    return replace(missed, group=missed.group.over_pools(np.array(share)), rest=rest)


def _mean_where_all(measured: Sequence[Measured | None]) -> Measured | None:
    there = [each for each in measured if each is not None]
    return mean_of(there) if len(there) == len(measured) else None


def _missed_over_seeds(measured: Sequence[MissedMeasured]) -> MissedMeasured:
    rests = [each.rest for each in measured if each.rest is not None]
    return replace(
        measured[0],
        group=mean_of([each.group for each in measured]),
        rest=mean_of(rests) if rests else None,
    )
