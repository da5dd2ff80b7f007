"""The evidence page: one self-contained HTML file, made to be read and printed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from radtex.text_tables import signed_with_interval
from radtex.transfer.evidence import figures
from radtex.transfer.evidence.html import (
    bullets,
    document,
    paragraph,
    picture,
    preformatted,
    section,
    table,
)
from radtex.transfer.evidence.result_tables import (
    ESTIMAND,
    at_zero,
    classifier_table,
    flow_table,
    label_efficiency_table,
    label_policies,
    mean_auc_table,
    paired_table,
    target_table,
)
from radtex.transfer.evidence.sections.calibration_section import calibration_section
from radtex.transfer.evidence.sections.checklist_section import checklist_section
from radtex.transfer.evidence.sections.decision_section import decision_section
from radtex.transfer.evidence.sections.events_section import events_section
from radtex.transfer.evidence.sections.missed_section import missed_section
from radtex.transfer.evidence.sections.misses_section import misses_section
from radtex.transfer.evidence.sections.precision_section import precision_section
from radtex.transfer.evidence.sections.recalibration_section import recalibration_section
from radtex.transfer.evidence.sections.risks_section import risks_section
from radtex.transfer.evidence.sections.strata_section import strata_section
from radtex.transfer.evidence.sections.subgroups_section import subgroups_section
from radtex.transfer.measures.sensitivity import SPECIFICITY
from radtex.transfer.results import Results


def report(results: Results, beside: Sequence[str] = ()) -> str:
    """Return the page as HTML, its pictures inside; the same results give the same page.

    Args:
        results: what it says.
        beside: more sentences to know beside the numbers.
    """
    protocol = results.protocol
    return document(
        "Few-label transfer",
        [
            "<h1>How many labels does each encoder need?</h1>",
            paragraph(_measured(protocol)),
            table(
                mean_auc_table(results),
                f"Mean AUC over targets, by labelled studies per target: {ESTIMAND}, with 95 % "
                f"intervals.{at_zero(protocol)}",
            ),
            picture(
                figures.curve(results),
                _curve_in_words(results),
                f"Mean AUC against the number of labels, {ESTIMAND}; bands are 95 % intervals."
                f"{at_zero(protocol)}",
            ),
            _label_efficiency(results),
            _paired(results),
            _targets(results),
            events_section(results),
            precision_section(results),
            risks_section(results),
            calibration_section(results),
            recalibration_section(results),
            decision_section(results),
            _operating_points(results),
            missed_section(results),
            subgroups_section(results),
            strata_section(results),
            misses_section(results),
            section("What to know beside the numbers", bullets([*results.flags, *beside])),
            _cohort(protocol),
            checklist_section(results),
            _repeat(protocol),
        ],
    )


def _measured(protocol: Mapping[str, Any]) -> str:
    return (
        f"Protocol {protocol['name']}, {protocol['repeats']} nested draws of labels. "
        f"{protocol['budget']} Values are those {ESTIMAND}. Intervals are of 95 % and "
        "count test patients, draws and the pool that draws share; of a recipe with several "
        "pretraining seeds, the seeds too. "
        f"Targets: {', '.join(protocol['targets'])}. "
        f"{label_policies(protocol)}"
        + (f" {protocol['prior']['in_words']}" if "prior" in protocol else "")
    )


def _curve_in_words(results: Results) -> str:
    smallest, largest = results.protocol["budgets"][0], results.protocol["budgets"][-1]
    return "Mean AUC against the number of labels. " + "; ".join(
        f"{encoder}: "
        + (f"{by_budget[0].mean:.2f} without labels, " if 0 in by_budget else "")
        + f"{by_budget[smallest].mean:.2f} at {smallest}, "
        f"{by_budget[largest].mean:.2f} at {largest}"
        for encoder, by_budget in results.mean_auc.items()
    )


def _label_efficiency(results: Results) -> str:
    return section(
        "Label efficiency",
        table(
            label_efficiency_table(results),
            "Labels per target that a rival needs to reach the mean AUC of a RadTex encoder at N "
            f"labels, {ESTIMAND}, with 95 % intervals: interpolated on the rival's curve, in the "
            "logarithm of the budget; beyond the measured budgets there is no number.",
        ),
    )


def _paired(results: Results) -> str:
    primary = [pair for pair in results.paired if pair.p_holm is not None]
    secondary = [pair for pair in results.paired if pair.p_holm is None]
    shown = primary or secondary
    parts = []
    if shown:
        words = "Paired differences in mean AUC. " + "; ".join(
            f"{pair.a} minus {pair.b} at {pair.budget}: {signed_with_interval(pair.estimate)}"
            for pair in shown
        )
        which, p = ("primary", "Holm's p value") if primary else ("secondary", "the p value")
        caption = (
            f"The {which} comparisons, {ESTIMAND}, with 95 % intervals; filled where {p} is below "
            "0.05."
        )
        parts = [
            picture(figures.forest(shown), words, caption),
            table(
                paired_table(primary),
                "Primary family, named before scoring: p values adjusted within it (Holm).",
            ),
            table(paired_table(secondary), "Secondary comparisons: p values not adjusted."),
        ]
    return section("Paired differences", *parts)


def _targets(results: Results) -> str:
    largest = results.protocol["budgets"][-1]
    words = f"A small curve for each target. AUC at {largest} labels: " + "; ".join(
        f"{target}: "
        + ", ".join(
            f"{encoder} {by_target[target][largest].mean:.2f}"
            for encoder, by_target in results.target_auc.items()
        )
        for target in results.protocol["targets"]
    )
    return section(
        "Each target",
        picture(
            figures.small_multiples(results),
            words,
            f"AUC of each target against the number of labels, on one scale: {ESTIMAND}, with 95 % "
            "bands.",
        ),
        table(target_table(results), f"AUC by target and labelled studies, {ESTIMAND}."),
    )


def _operating_points(results: Results) -> str:
    if not results.classifiers:
        return ""
    return section(
        "Operating points",
        table(
            classifier_table(results, "sensitivity"),
            f"Sensitivity at {SPECIFICITY:.0%} specificity, mean over targets, {ESTIMAND}. The "
            "threshold is that of the test's own ROC curve; the intervals count its uncertainty.",
        ),
    )


def _cohort(protocol: Mapping[str, Any]) -> str:
    return section(
        "Cohort and labels",
        table(flow_table(protocol), "Rows of the corpora: read, left out, kept, and used here."),
        paragraph(label_policies(protocol)),
    )


def _repeat(protocol: Mapping[str, Any]) -> str:
    hashes = [
        ["what", "SHA-256"],
        *([f"corpus of the {role}", protocol[role]["content_hash"]] for role in ("pool", "test")),
    ]
    return section(
        "How to repeat it",
        preformatted(protocol["command"]) if "command" in protocol else "",
        table(hashes, "The bytes that it was measured on."),
        paragraph("Everything below was fixed before the first score."),
        preformatted(json.dumps(protocol, indent=2, ensure_ascii=False)),
    )
