"""The page of a validation: HTML that stands alone, and prints."""

import json
from collections.abc import Sequence
from typing import Any

from radtex.classifiers.validating.external import External
from radtex.classifiers.validating.plain_words import in_plain_words
from radtex.classifiers.validating.refit import Quality
from radtex.printable import one_line
from radtex.statistics.intervals import Estimate, Interval
from radtex.text_tables import aligned, signed_with_interval, with_interval
from radtex.transfer.evidence.html import (
    bullets,
    document,
    paragraph,
    preformatted,
    section,
    table,
)
from radtex.transfer.evidence.sections.calibration_section import calibration_section
from radtex.transfer.evidence.sections.decision_section import decision_section
from radtex.transfer.evidence.sections.events_section import events_section
from radtex.transfer.evidence.sections.missed_section import missed_section
from radtex.transfer.evidence.sections.misses_section import misses_section
from radtex.transfer.evidence.sections.precision_section import precision_section
from radtex.transfer.evidence.sections.recalibration_section import recalibration_section
from radtex.transfer.evidence.sections.risks_section import risks_section
from radtex.transfer.evidence.sections.strata_section import strata_section
from radtex.transfer.evidence.sections.subgroups_section import subgroups_section


def validation_page(external: External, beside: Sequence[str] = ()) -> str:
    """Return the page as HTML; the same results give the same page.

    Args:
        external: what it says.
        beside: more sentences to know beside the numbers.
    """
    results = external.results
    return document(
        f"Validation of {external.name}",
        [
            "<h1>How does this classifier do elsewhere?</h1>",
            section("In plain words", paragraph(in_plain_words(external))),
            section("Beside its own card", table(compared_table(external), _BESIDE)),
            events_section(results),
            precision_section(results),
            risks_section(results),
            calibration_section(results),
            recalibration_section(results),
            section("Recalibration on labels from here", table(refit_table(external), _REFITTED)),
            decision_section(results),
            section("What a yes and a no are worth", table(worth_table(external), _WORTH)),
            missed_section(results),
            subgroups_section(results),
            strata_section(results),
            section(
                "Films unlike those that it was made from", table(drift_table(external), _DRIFT)
            ),
            misses_section(results),
            section("What to know beside the numbers", bullets([*external.flags, *beside])),
            section(
                "How to repeat it",
                preformatted(str(results.protocol["command"])),
                preformatted(_record(results.protocol)),
            ),
        ],
    )


_BESIDE = (
    "Each measure here, in the card of the classifier, and here minus card, with 95 % intervals "
    "over patients. Thresholds are the kept ones: nothing was chosen here."
)
_REFITTED = (
    "Slope and intercept were fitted on labels of some patients, and measured on the patients that "
    "were left. Right are a slope of 1 and an intercept of 0; the Brier score of perfect "
    "predictions is 0."
)
_WORTH = (
    "Share of studies with a yes that have the finding, and of studies with a no that do not have "
    "it, at the kept thresholds. Those at other prevalences hold if sensitivity and specificity "
    "are the same there."
)
_DRIFT = (
    "Distances are those that the classifier abstains by. The source is told by a logistic "
    "regression on the features, on held-out patients: 0.50 where the two cannot be told apart."
)


def compared_table(external: External) -> list[list[str]]:
    """Header and a row for each measure, here and in the card."""
    rows = [["target", "measure", "here", "card", "here minus card"]]
    for each in external.compared:
        digits = 3 if each.measure == "Brier score" else 2
        rows.append(
            [
                each.target,
                each.measure,
                _shown(each.here, digits),
                _shown(each.card, digits),
                _signed(each.difference),
            ]
        )
    refused = external.drift.refused
    rows.append(
        ["all", "images given no answer", _percent(refused), _percent(external.card_refused), ""]
    )
    return rows


def validation_text(external: External) -> str:
    """Say a validation for a terminal: here beside the card, and what to know of it."""
    return aligned(compared_table(external)) + "\n\n" + "\n".join(map(one_line, external.flags))


def worth_table(external: External) -> list[list[str]]:
    """Header and a row for each target, threshold and prevalence."""
    return [
        ["target", "threshold", "prevalence", "right among the yes", "right among the no"],
        *(
            [
                each.target,
                each.point,
                f"{each.prevalence:.1%}" + (" (here)" if each.of_site else ""),
                _shown(each.values.positive),
                _shown(each.values.negative),
            ]
            for each in external.worth
        ),
    ]


def refit_table(external: External) -> list[list[str]]:
    """Header and two rows for each target that was refitted."""
    rows = [["target", "calibration", "fitted on", "measured on", "slope", "intercept", "Brier"]]
    for each in external.refits:
        for name, quality in (("its own", each.before), ("of here", each.after)):
            fitted = f"{each.labelled:,}" if quality is each.after else ""
            rows.append([each.target, name, fitted, f"{each.rest:,}", *_quality(quality)])
    return rows


def drift_table(external: External) -> list[list[str]]:
    """Header and a row for each measure of drift."""
    drift = external.drift
    pool = drift.pool_distances
    rows = [["measure", "here", "pool that it was made from"]]
    for place, name in enumerate(("median distance", "nine in ten are nearer than")):
        rows.append(
            [
                name,
                f"{drift.distances[place]:.2f}",
                "not at hand" if pool is None else f"{pool[place]:.2f}",
            ]
        )
    told = "not measured" if drift.source_auc is None else _shown(drift.source_auc)
    rows.append(["AUC of telling the source", told, ""])
    return rows


def _quality(quality: Quality) -> list[str]:
    slope, intercept = quality.slope, quality.intercept
    return [
        "none" if slope is None else with_interval(slope),
        "none" if intercept is None else signed_with_interval(intercept),
        _three(quality.brier),
    ]


def _three(value: Estimate) -> str:
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"


def _shown(value: Interval, digits: int = 2) -> str:
    return f"{value.value:.{digits}f} [{value.low:.{digits}f}, {value.high:.{digits}f}]"


def _signed(value: Interval) -> str:
    return f"{value.value:+.3f} [{value.low:+.3f}, {value.high:+.3f}]"


def _percent(value: Interval) -> str:
    return f"{value.value:.1%} [{value.low:.1%}, {value.high:.1%}]"


def _record(protocol: dict[str, Any]) -> str:
    return json.dumps(protocol, indent=2, ensure_ascii=False)
