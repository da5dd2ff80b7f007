"""The text of a study that a captioner learns to write."""

from collections.abc import Iterable
from typing import Literal, get_args

import pandas as pd

from radtex.reports.blanks import remove_blanks
from radtex.reports.priors import remove_priors as without_priors
from radtex.reports.sections import PREAMBLE, parse_report

TextPolicy = Literal["findings+impression", "findings", "impression", "full"]
TEXT_POLICIES: tuple[TextPolicy, ...] = get_args(TextPolicy)

SAMPLED: tuple[TextPolicy, ...] = ("findings+impression", "findings", "impression")
"""The texts of a study among which a captioner draws that learns by the policy `sampled`."""

_NOT_LEARNT = (PREAMBLE, "notification", "end")


def training_text(
    findings: str,
    impression: str,
    policy: TextPolicy = "findings+impression",
    report: str = "",
    remove_priors: bool = False,
) -> str:
    """Return the text to learn, with every run of white space collapsed to one space.

    Policies:
        findings, impression: that section; the other one where it is empty.
        findings+impression: one after the other.
        full: the sections of the raw `report` with their headers and in its order, without the
            title above the first one, signatures, codes and notifications (and without the
            comparison if references to earlier studies are removed); findings and impression
            where the report is empty or has no sections.

    The marks of de-identification are removed by `remove_blanks`, references to earlier studies
    by `radtex.reports.remove_priors` if that is asked for. List numbers, decimals and units stay.
    The result is "" where nothing is left.
    """
    match policy:
        case "findings":
            parts = [("", findings if findings.strip() else impression)]
        case "impression":
            parts = [("", impression if impression.strip() else findings)]
        case "findings+impression":
            parts = [("", findings), ("", impression)]
        case "full":
            parts = _sections(report, remove_priors) or [("", findings), ("", impression)]
    learnt = []
    for header, body in parts:
        text = remove_blanks(" ".join(body.split()))
        if remove_priors:
            text = without_priors(text)
        if text:
            learnt.append(f"{header} {text}".strip())
    return " ".join(learnt)


def reference_policy(policy: TextPolicy | Literal["sampled"]) -> TextPolicy:
    """The policy of the whole text that a captioner of `policy` is validated and scored on."""
    return SAMPLED[0] if policy == "sampled" else policy


def training_texts(
    index: pd.DataFrame,
    policy: TextPolicy = "findings+impression",
    remove_priors: bool = False,
) -> list[str]:
    """Return `training_text` of each row of a corpus index, in its order."""
    texts: Iterable[tuple[str, str, str]] = zip(
        index["findings"], index["impression"], index["report"], strict=True
    )
    return [
        training_text(findings, impression, policy, report, remove_priors)
        for findings, impression, report in texts
    ]


def _sections(report: str, remove_priors: bool) -> list[tuple[str, str]]:
    """Return header and text of the sections of a report that are learnt."""
    left_out = (*_NOT_LEARNT, "comparison") if remove_priors else _NOT_LEARNT
    return [
        (" ".join(report[slice(*section.header)].split()), section.text)
        for section in parse_report(report).sections
        if section.name not in left_out
    ]
