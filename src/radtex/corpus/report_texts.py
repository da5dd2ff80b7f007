"""The texts of a study, from its raw report or as its archive gives them."""

from collections.abc import Sequence
from dataclasses import replace

from radtex.corpus.record import Record, Texts
from radtex.errors import ReportError
from radtex.reports import Section, parse_report
from radtex.reports.addenda import ADDENDUM, split_addenda
from radtex.reports.length import MOST_CHARACTERS, bounded_plain_text
from radtex.reports.markup import keeps_markup, plain_text

SILENT = "report without findings or impression"
AMENDED = "report has an addendum"
MARKED_UP = "report: markup that could not be undone"
TOO_LONG = f"report has more than {MOST_CHARACTERS:,} characters"

_HEADERS = 100
"""Characters, at least, that `radtex.reports.addenda.with_headers` adds to the texts."""


def report_texts(report: str) -> Texts:
    """Split a report into the texts of a record, as `radtex.reports.parse_report` reads it.

    What addenda say of the film ends the impression, or the findings where there is no impression,
    each behind the word "ADDENDUM:". One that is longer than any report is only kept as it is, for
    `settle_texts` to refuse.
    """
    try:
        parsed = parse_report(report)
    except ReportError:
        return Texts(report=report.strip())
    own, *addenda = parsed.statements
    impression = _joined([part for part in own if part.name == "impression"])
    findings = _joined([part for part in own if part.name != "impression"])
    findings, impression = _ended(findings, impression, [_joined(each) for each in addenda])
    return Texts(
        indication=parsed.section("indication"),
        findings=findings,
        impression=impression,
        report=report.strip(),
    )


def amended(findings: str, impression: str, report: str) -> tuple[str, str]:
    """Return findings and impression, ended by those addenda of their report that they lack."""
    if "addend" not in report.casefold():  # saves the parse of most
        return findings, impression
    known = _plain(f"{findings} {impression}")
    try:
        statements = parse_report(report).statements
    except ReportError:  # which `settle_texts` refuses
        return findings, impression
    addenda = [_joined(addendum) for addendum in statements[1:]]
    return _ended(findings, impression, [text for text in addenda if _plain(text) not in known])


def _ended(findings: str, impression: str, addenda: Sequence[str]) -> tuple[str, str]:
    behind = [f"{ADDENDUM} {text}" for text in addenda]
    if impression:
        return findings, "\n\n".join((impression, *behind))
    return "\n\n".join(filter(None, (findings, *behind))), impression


def _plain(text: str) -> str:
    return " ".join(plain_text(text).split()).casefold()


def settle_texts(record: Record) -> Record:
    """Undo markup in a record's texts, and flag what is odd about its report.

    The raw report stays as it is. Flagged are a record without any text, a report without findings
    and impression, an addendum, and markup that could not be undone.

    Raises:
        ReportError: if a text, or all but the raw report together, are longer than any report.
    """
    texts = record.texts
    raw, own = texts.report, (texts.indication, texts.findings, texts.impression)
    if len(raw) > MOST_CHARACTERS:
        bounded_plain_text(raw)
    settled = tuple(bounded_plain_text(text).strip() for text in own)
    if sum(map(len, settled)) + _HEADERS > MOST_CHARACTERS:
        raise ReportError(TOO_LONG)
    _, findings, impression = settled
    says = bool(findings or impression)
    flags = {
        "no report": not says and not raw,
        SILENT: not says and bool(raw),
        AMENDED: bool(split_addenda(findings, impression)[2]),
        MARKED_UP: any(map(keeps_markup, (raw, findings, impression))),
    }
    found = (flag for flag, holds in flags.items() if holds)
    # A study's images share their texts, which they would not share a copy of.
    if settled != own:
        texts = Texts(settled[0], findings, impression, raw)
    return replace(record, texts=texts, flags=(*record.flags, *found))


def _joined(sections: Sequence[Section]) -> str:
    return "\n\n".join(section.text for section in sections)
