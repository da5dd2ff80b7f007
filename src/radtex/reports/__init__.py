"""Free text of radiology reports: sections, labels, and the text that a captioner learns."""

from radtex.reports.labeling import (
    Mention,
    find_mentions,
    label_report,
    label_reports,
    likely_language,
    says_something,
)
from radtex.reports.language_detection import LANGUAGES
from radtex.reports.own_findings.own_finding import OwnFinding, read_own_findings
from radtex.reports.priors import priors_rate, refers_to_priors, remove_priors
from radtex.reports.sections import Report, Section, parse_report
from radtex.reports.training_text import (
    TEXT_POLICIES,
    TextPolicy,
    reference_policy,
    training_text,
    training_texts,
)
from radtex.reports.word_forms import Language

__all__ = [
    "LANGUAGES",
    "TEXT_POLICIES",
    "Language",
    "Mention",
    "OwnFinding",
    "Report",
    "Section",
    "TextPolicy",
    "find_mentions",
    "label_report",
    "label_reports",
    "likely_language",
    "parse_report",
    "priors_rate",
    "read_own_findings",
    "reference_policy",
    "refers_to_priors",
    "remove_priors",
    "says_something",
    "training_text",
    "training_texts",
]
