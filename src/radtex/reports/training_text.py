"""The text of a study that a captioner learns to write."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, get_args

from radtex.reports.addenda import split_addenda
from radtex.reports.blanks import remove_blanks
from radtex.reports.priors import remove_priors as without_priors
from radtex.reports.sections import PREAMBLE, parse_report

if TYPE_CHECKING:
    import pandas as pd

TextPolicy = Literal["findings+impression", "findings", "impression", "full"]
TEXT_POLICIES: tuple[TextPolicy, ...] = get_args(TextPolicy)

SAMPLED: tuple[TextPolicy, ...] = ("findings+impression", "findings", "impression")
"""The texts of a study from which the policy `sampled` draws one."""

_NOT_LEARNT = (PREAMBLE, "notification", "end")


def training_text(
    findings: str,
    impression: str,
    policy: TextPolicy = "findings+impression",
    report: str = "",
    remove_priors: bool = False,
) -> str:
    """Return the text to learn, with every run of white space collapsed to one space.

    The policies are:

    - `findings` or `impression`: that section, or the other one where it is empty.
    - `findings+impression`: one after the other.
    - `full`: the sections of the raw report with their headers and in its order. The title above
      the first one, signatures, codes, notifications and a wet read beside a final report are left
      out, and the comparison too if references to earlier studies are removed. It is findings and
      impression where the report is empty.

    Addenda end each text, since they correct what stands before them.

    `radtex.reports.blanks.remove_blanks` removes the marks of de-identification. List numbers,
    decimals and units stay.

    Args:
        findings: the section findings.
        impression: the section impression.
        policy: which sections to learn.
        report: the raw report, for the policy `full`.
        remove_priors: whether to remove references to earlier studies.

    Returns:
        The text; "" where nothing is left.
    """
    findings, impression, addenda = split_addenda(findings, impression)
    match policy:
        case "findings":
            parts = [("", findings if findings.strip() else impression), ("", addenda)]
        case "impression":
            parts = [("", impression if impression.strip() else findings), ("", addenda)]
        case "findings+impression":
            parts = [("", findings), ("", impression), ("", addenda)]
        case "full":
            parts = _sections(report, remove_priors)
            parts = parts or [("", findings), ("", impression), ("", addenda)]
    learnt = []
    for header, body in parts:
        text = remove_blanks(" ".join(body.split()))
        if remove_priors:
            text = without_priors(text)
        if text:
            learnt.append(f"{header} {text}".strip())
    return " ".join(learnt)


def reference_policy(policy: TextPolicy | Literal["sampled"]) -> TextPolicy:
    """Return the policy of the text that a captioner of `policy` is validated and scored on."""
    return SAMPLED[0] if policy == "sampled" else policy


def training_texts(
    index: "pd.DataFrame",
    policy: TextPolicy = "findings+impression",
    remove_priors: bool = False,
) -> list[str]:
    """Return `training_text` of each row of a corpus, in its order.

    Args:
        index: the corpus's index, with the columns findings, impression and report.
        policy: which sections to learn.
        remove_priors: whether to remove references to earlier studies.
    """
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
        if section.name not in left_out and not section.wet_read
    ]
