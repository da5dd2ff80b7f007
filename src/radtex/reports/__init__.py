"""Free text of radiology reports: sections, labels, and the text that a captioner learns."""

from radtex.reports.labeling import Mention, find_mentions, label_report, label_reports
from radtex.reports.priors import priors_rate, refers_to_priors, remove_priors
from radtex.reports.sections import Report, Section, parse_report
from radtex.reports.training_text import (
    TEXT_POLICIES,
    TextPolicy,
    reference_policy,
    training_text,
    training_texts,
)

__all__ = [
    "TEXT_POLICIES",
    "Mention",
    "Report",
    "Section",
    "TextPolicy",
    "find_mentions",
    "label_report",
    "label_reports",
    "parse_report",
    "priors_rate",
    "reference_policy",
    "refers_to_priors",
    "remove_priors",
    "training_text",
    "training_texts",
]
