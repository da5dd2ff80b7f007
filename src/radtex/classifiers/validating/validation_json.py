"""`summary.json` of a validation: every estimate and setting as JSON values."""

from dataclasses import asdict
from typing import Any

from radtex.classifiers.validating.external import External
from radtex.classifiers.validating.plain_words import in_plain_words
from radtex.classifiers.validating.refit import Quality
from radtex.statistics.intervals import Estimate
from radtex.transfer.evidence.validation_summary import events_and_validation


def validation_json(external: External) -> dict[str, Any]:
    """Return all of it."""
    of_sections = events_and_validation(external.results)
    (validation,) = of_sections["validation"].values()
    (groups,) = (values.subgroups for values in external.results.classifiers.values())
    drift = external.drift
    return {
        "in_plain_words": in_plain_words(external),
        "classifier": external.name,
        "targets": {name: asdict(scores) for name, scores in external.scores.items()},
        "beside_card": [
            {
                "target": each.target,
                "measure": each.measure,
                "here": asdict(each.here),
                "card": asdict(each.card),
                "difference": asdict(each.difference),
            }
            for each in external.compared
        ],
        "predictive_values": [
            {
                "target": each.target,
                "point": each.point,
                "prevalence": each.prevalence,
                "of_site": each.of_site,
                "positive": asdict(each.values.positive),
                "negative": asdict(each.values.negative),
            }
            for each in external.worth
        ],
        "events": of_sections["events"],
        "validation": {key: value for key, value in validation.items() if key != "budget"},
        "subgroups": [
            {
                "group": each.group,
                "targets": list(each.targets),
                "studies": each.studies,
                "auc": _estimate(each.auc),
                "difference_to_others": _estimate(each.difference),
            }
            for each in groups
        ],
        "abstention": {"here": asdict(drift.refused), "card": asdict(external.card_refused)},
        "drift": {
            "distance_median_and_0.9": list(drift.distances),
            "pool_distance_median_and_0.9": None
            if drift.pool_distances is None
            else list(drift.pool_distances),
            "source_auc": None if drift.source_auc is None else asdict(drift.source_auc),
        },
        "recalibration": [
            {
                "target": each.target,
                "slope": each.curve.slope,
                "offset": each.curve.offset,
                "fitted_on": each.labelled,
                "measured_on": each.rest,
                "before": _quality(each.before),
                "after": _quality(each.after),
            }
            for each in external.refits
        ],
        "flags": list(external.flags),
        "protocol": external.results.protocol,
    }


def _quality(quality: Quality) -> dict[str, Any]:
    return {
        "slope": _estimate(quality.slope),
        "intercept": _estimate(quality.intercept),
        "brier": _estimate(quality.brier),
    }


def _estimate(value: Estimate | None) -> dict[str, float] | None:
    return None if value is None else {"mean": value.mean, "low": value.low, "high": value.high}
