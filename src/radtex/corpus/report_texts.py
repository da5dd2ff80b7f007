"""A raw report as the texts of a study."""

from radtex.corpus.record import Texts
from radtex.reports import parse_report
from radtex.reports.sections import PREAMBLE


def report_texts(report: str) -> Texts:
    """Split a report into the texts of a record.

    Where neither findings nor impression has a header, the findings are the last paragraph after
    the indication, comparison and the like, or the whole text if it has no section at all.
    """
    parsed = parse_report(report)
    findings, impression = parsed.section("findings"), parsed.section("impression")
    if not findings and not impression:
        sectioned = any(section.name != PREAMBLE for section in parsed.sections)
        findings = parsed.last_paragraph if sectioned else parsed.section(PREAMBLE)
    return Texts(
        indication=parsed.section("indication"),
        findings=findings,
        impression=impression,
        report=report.strip(),
    )
