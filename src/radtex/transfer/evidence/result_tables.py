"""Results as text: numbers with their intervals, for the terminal and the report."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from radtex.printable import one_line
from radtex.statistics.intervals import Estimate
from radtex.text_tables import aligned, p_value, signed_with_interval, with_interval
from radtex.transfer.measures.label_efficiency import LabelsNeeded
from radtex.transfer.results import PairedDifference, Results

ESTIMAND = "expected over pools and test patients like these"
"""What all values with intervals over draws and patients are values of."""


def mean_auc_table(results: Results) -> list[list[str]]:
    """Header and a row per encoder: the mean AUC at each budget, and at 0 where one has a prior."""
    budgets = budgets_shown(results)
    return [
        ["labelled studies", *(str(budget) for budget in budgets)],
        *(
            [encoder, *(_cell(of_budget.get(budget)) for budget in budgets)]
            for encoder, of_budget in results.mean_auc.items()
        ),
    ]


def budgets_shown(results: Results) -> list[int]:
    """The budgets, after 0 where an encoder has a prior."""
    zero = [0] if any(0 in of_budget for of_budget in results.mean_auc.values()) else []
    return [*zero, *results.protocol["budgets"]]


def at_zero(protocol: Mapping[str, Any]) -> str:
    """Say what stands at 0 labels; nothing where no encoder has a prior."""
    if "prior" not in protocol:
        return ""
    return (
        " At 0 labels is the prior alone, whose order no label has touched and whose scores are "
        "not calibrated; no label is drawn, so its interval counts test patients (and pretraining "
        "seeds) alone."
    )


def _cell(value: Estimate | None) -> str:
    return "–" if value is None else with_interval(value)


def target_table(results: Results) -> list[list[str]]:
    """Header and a row per target and encoder: the AUC at each budget."""
    budgets = budgets_shown(results)
    return [
        ["target", "encoder", *(str(budget) for budget in budgets)],
        *(
            [target, encoder, *(_cell(by_target[target].get(budget)) for budget in budgets)]
            for target in results.protocol["targets"]
            for encoder, by_target in results.target_auc.items()
        ),
    ]


def paired_table(paired: Sequence[PairedDifference]) -> list[list[str]]:
    """Header and a row per comparison; of primary ones with the adjusted p value too."""
    rows = [["comparison", "labels", "difference in mean AUC", "p", "p (Holm)"]]
    for pair in paired:
        row = [f"{pair.a} − {pair.b}", str(pair.budget), signed_with_interval(pair.estimate)]
        row.append(p_value(pair.estimate.p))
        row.append("" if pair.p_holm is None else p_value(pair.p_holm))
        rows.append(row)
    return rows if any(pair.p_holm is not None for pair in paired) else [row[:-1] for row in rows]


def label_efficiency_table(results: Results) -> list[list[str]]:
    """Header and a row per rival, contestant and budget: the labels that the rival needs."""
    return [
        ["rival", "to reach", "with", "needs labels"],
        *(
            [
                each.rival,
                each.encoder,
                str(each.budget),
                labels_in_words(each.needed, results.protocol["budgets"]),
            ]
            for each in results.label_efficiency
        ),
    ]


def labels_in_words(needed: LabelsNeeded, budgets: Sequence[int]) -> str:
    """Labels with their interval: `340 [210, 620]`, `> 1,000 [640, > 1,000]`."""
    fewer, more = f"< {budgets[0]:,}", f"> {budgets[-1]:,}"
    if needed.labels is not None:
        labels = f"{needed.labels:,.0f}"
    else:
        labels = fewer if needed.reaches else more
    if needed.high is not None and needed.high <= budgets[0]:
        return f"{labels} [all {fewer}]"
    if needed.low is not None and needed.low >= budgets[-1]:
        return f"{labels} [all {more}]"
    low = fewer if needed.low is None else f"{needed.low:,.0f}"
    high = more if needed.high is None else f"{needed.high:,.0f}"
    return f"{labels} [{low}, {high}]"


def classifier_table(results: Results, measure: Literal["brier", "sensitivity"]) -> list[list[str]]:
    """Header and a row per encoder: one measure at each budget."""
    budgets = results.protocol["budgets"]
    shown = with_interval if measure == "sensitivity" else _three_digits
    return [
        ["labelled studies", *map(str, budgets)],
        *(
            [encoder, *(shown(getattr(values, measure)[budget]) for budget in budgets)]
            for encoder, values in results.classifiers.items()
            if getattr(values, measure)
        ),
    ]


def subgroup_table(results: Results) -> list[list[str]]:
    """Header and a row per group and encoder."""
    names = dict.fromkeys(
        each.group for values in results.classifiers.values() for each in values.subgroups
    )
    return [
        ["group", "encoder", "studies", "targets", "mean AUC", "minus all others", "p"],
        *(
            [
                each.group,
                encoder,
                f"{each.studies:,}",
                str(len(each.targets)),
                with_interval(each.auc),
                "" if each.difference is None else signed_with_interval(each.difference),
                "" if each.difference is None else p_value(each.difference.p),
            ]
            for name in names
            for encoder, values in results.classifiers.items()
            for each in values.subgroups
            if each.group == name
        ),
    ]


def flow_table(protocol: Mapping[str, Any]) -> list[list[str]]:
    """Header and a row per step of the cohort flow of each corpus, then what was used of it."""
    rows = [["corpus", "step", "rows", "why"]]
    for role in ("pool", "test"):
        selection = protocol[role]
        for step in selection["flow"]:
            rows.append([role, step["step"], f"{step['rows']:,}", step.get("reason", "")])
        used = f"split {', '.join(selection['splits'])}; {selection['patients']:,} patients"
        rows.append([role, "used here", f"{selection['images']:,}", used])
    return rows


def label_policies(protocol: Mapping[str, Any]) -> str:
    """Say in a sentence what uncertain and blank labels count as, in pool and test."""
    policy, tested_by = protocol["label_policy"], protocol["test_label_policy"]
    return (
        f"Label policy {policy['name']}: {policy['description']}; in the test "
        f"{tested_by['name']}: {tested_by['description']}."
    )


def _three_digits(value: Estimate) -> str:
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"


def table(results: Results) -> str:
    """The results for a terminal: mean AUC, the primary comparisons, the flags."""
    targets = results.protocol["targets"]
    blocks = [
        f"Mean AUC over targets ({len(targets)}), {ESTIMAND}, with 95 % intervals\n"
        + aligned(mean_auc_table(results))
        + (f"\n{at_zero(results.protocol).strip()}" if "prior" in results.protocol else "")
    ]
    primary = [pair for pair in results.paired if pair.p_holm is not None]
    if primary:
        blocks.append(f"Primary comparisons, {ESTIMAND}\n" + aligned(paired_table(primary)))
    if results.label_efficiency:
        blocks.append(
            f"Label efficiency, {ESTIMAND}, with 95 % intervals\n"
            + aligned(label_efficiency_table(results))
        )
    sentences = [label_policies(results.protocol), *results.flags]
    blocks.append("\n".join(map(one_line, sentences)))
    return "\n\n".join(blocks)
