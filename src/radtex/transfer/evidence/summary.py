"""`summary.json`: every estimate, flag and setting as JSON values."""

from dataclasses import asdict
from typing import Any

from radtex.statistics.intervals import Estimate
from radtex.transfer.evidence.result_tables import ESTIMAND, labels_in_words
from radtex.transfer.evidence.validation_summary import validation_summary
from radtex.transfer.measures.classifier_measures import ClassifierResults
from radtex.transfer.measures.sensitivity import SPECIFICITY
from radtex.transfer.results import Results

_ALWAYS: dict[str, Any] = {"strengths": {}, "neighbours": {}}  # whichever protocol was followed


def summary(results: Results) -> dict[str, Any]:
    """Return all of `summary.json` (JSON values)."""
    return {
        "estimand": ESTIMAND,
        "mean_auc": {
            encoder: _by_budget(by_budget) for encoder, by_budget in results.mean_auc.items()
        },
        "paired": [
            {
                "a": pair.a,
                "b": pair.b,
                "budget": str(pair.budget),
                "difference": pair.estimate.mean,
                "low": pair.estimate.low,
                "high": pair.estimate.high,
                "p": pair.estimate.p,
                "family": "secondary" if pair.p_holm is None else "primary",
                "p_holm": pair.p_holm,
            }
            for pair in results.paired
        ],
        "target_auc": {
            encoder: {target: _by_budget(by_budget) for target, by_budget in by_target.items()}
            for encoder, by_target in results.target_auc.items()
        },
        "label_efficiency": [
            {
                "encoder": each.encoder,
                "rival": each.rival,
                "budget": str(each.budget),
                "in_words": labels_in_words(each.needed, results.protocol["budgets"]),
                **asdict(each.needed),
            }
            for each in results.label_efficiency
        ],
        "classifiers": {
            encoder: _classifier(values) for encoder, values in results.classifiers.items()
        },
        **validation_summary(results),
        **(_ALWAYS | results.chosen),
        "flags": list(results.flags),
        "protocol": results.protocol,
    }


def _by_budget(estimates: dict[int, Estimate]) -> dict[str, dict[str, float]]:
    return {str(budget): _interval(value) for budget, value in estimates.items()}


def _classifier(values: ClassifierResults) -> dict[str, Any]:
    """Calibration, operating points and subgroups of one encoder."""
    return {
        f"sensitivity_at_{SPECIFICITY:g}_specificity": _by_budget(values.sensitivity),
        "brier": _by_budget(values.brier),
        "by_target": {
            target: {
                f"sensitivity_at_{SPECIFICITY:g}_specificity": _by_budget(by_budget),
                "brier": _by_budget(values.target_brier.get(target, {})),
            }
            for target, by_budget in values.target_sensitivity.items()
        },
        "reliability": [
            {
                "predictions": each.predictions,
                "predicted": each.predicted,
                "observed": _interval(each.observed),
            }
            for each in values.reliability
        ],
        "subgroups": [
            {
                "group": each.group,
                "targets": list(each.targets),
                "studies": each.studies,
                "auc": _interval(each.auc),
                "difference_to_others": None
                if each.difference is None
                else _interval(each.difference) | {"p": each.difference.p},
            }
            for each in values.subgroups
        ],
    }


def _interval(value: Estimate) -> dict[str, float]:
    return {"mean": value.mean, "low": value.low, "high": value.high}
