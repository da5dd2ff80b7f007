"""What `summary.json` says of each target at the largest budget (JSON values)."""

from dataclasses import asdict
from typing import Any

from radtex.statistics.intervals import Estimate
from radtex.transfer.evidence.tripod_ai import checklist
from radtex.transfer.measures.events import ENOUGH_EVENTS
from radtex.transfer.measures.missed_share import MissedShare
from radtex.transfer.measures.net_benefit import THRESHOLDS
from radtex.transfer.measures.risk_distribution import RiskDistribution
from radtex.transfer.measures.strata import TargetStrata
from radtex.transfer.measures.validation import TargetValidation
from radtex.transfer.results import Results


def validation_summary(results: Results) -> dict[str, Any]:
    """Return the keys `events`, `validation` and `tripod_ai`."""
    return events_and_validation(results) | {
        "tripod_ai": [asdict(item) for item in checklist(results)],
    }


def events_and_validation(results: Results) -> dict[str, Any]:
    """Return the keys `events` and `validation`."""
    return {
        "events": {
            each.target: {
                "events": each.events,
                "non_events": each.non_events,
                "patients_with": each.patients_with,
                "patients_without": each.patients_without,
                "prevalence": each.prevalence,
                f"at_least_{ENOUGH_EVENTS}_of_each": each.enough,
            }
            for each in results.events
        },
        "validation": {
            encoder: {
                "budget": str(results.protocol["budgets"][-1]),
                "by_target": {
                    target: _target(each) for target, each in values.validation.targets.items()
                },
                "missed": {name: _missed(each) for name, each in values.validation.missed.items()},
                "strata": [_strata(each) for each in values.strata],
                "worst_misses": [
                    {
                        "target": miss.target,
                        "row": results.rows_of_studies[miss.study],
                        "negatives_scored_higher": miss.outranked,
                        "probability": miss.probability,
                    }
                    for miss in values.validation.misses
                ],
            }
            for encoder, values in results.classifiers.items()
        },
    }


def _target(values: TargetValidation) -> dict[str, Any]:
    return {
        "average_precision": _interval(values.average_precision),
        "calibration_slope": _interval(values.slope),
        "calibration_intercept": _interval(values.intercept),
        "observed_over_expected": _interval(values.observed_expected),
        "net_benefit": [
            {"threshold": threshold, **_present(value)}
            for threshold, value in zip(THRESHOLDS, values.net_benefit, strict=False)
        ],
        "risks": None if values.risks is None else _risks(values.risks),
        "missed": {name: _missed(each) for name, each in values.missed},
    }


def _risks(risks: RiskDistribution) -> dict[str, list[int]]:
    """Counts in bins of 0.05."""
    return {
        "with": risks.positive.reshape(20, -1).sum(1).tolist(),
        "without": risks.negative.reshape(20, -1).sum(1).tolist(),
    }


def _missed(share: MissedShare) -> dict[str, Any]:
    return {
        "targets": list(share.targets),
        "patients": share.patients,
        **{
            point: {
                **_present(value),
                "difference_to_others": None
                if point not in share.difference
                else _present(share.difference[point]) | {"p": share.difference[point].p},
            }
            for point, value in share.missed.items()
        },
    }


def _strata(found: TargetStrata) -> dict[str, Any]:
    return {
        "target": found.target,
        "strata": [
            {
                "stratum": each.stratum,
                "studies": each.studies,
                "positive": each.positive,
                "auc": _present(each.auc),
            }
            for each in found.strata
        ],
        "difference": None
        if found.difference is None
        else _present(found.difference) | {"p": found.difference.p},
    }


def _interval(value: Estimate | None) -> dict[str, float] | None:
    return None if value is None else _present(value)


def _present(value: Estimate) -> dict[str, float]:
    return {"mean": value.mean, "low": value.low, "high": value.high}
