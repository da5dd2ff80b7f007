"""Whole reports: one parse for labels, corpus and training."""

from pathlib import Path

import pytest
import yaml

from fixtures.dictated_reports import HISTORIES, Dictated, dictate
from radtex.corpus.report_texts import report_texts
from radtex.reports import label_report, training_text
from radtex.reports.addenda import split_addenda, with_headers

REPORTS = [dictate(seed) for seed in range(3000)]

HANDWRITTEN = yaml.safe_load(
    (Path(__file__).parents[1] / "fixtures" / "handwritten_reports.yaml").read_text("utf-8")
)


def flat(text: str) -> str:
    return " ".join(text.split())


def wrong(report: Dictated) -> str:
    texts = report_texts(report.text)
    findings, impression, addenda = split_addenda(texts.findings, texts.impression)
    if flat(findings) != flat(" ".join(report.findings)):
        return "findings"
    if flat(impression) != flat(report.impression):
        return "impression"
    if flat(addenda) != flat(f"ADDENDUM: {report.addendum}" if report.addendum else ""):
        return "addendum"
    if texts.indication and not any(
        flat(texts.indication) == flat(history) for history in HISTORIES
    ):
        return "indication"
    return ""


def test_no_sentence_is_lost_and_nothing_from_before_enters_the_findings():
    found = [wrong(report) for report in REPORTS]
    share = sum(map(bool, found)) / len(found)
    print(f"{share:.2%} of {len(found)} reports are split wrongly")
    assert share <= 0.01


def test_fewer_than_one_in_a_hundred_reports_end_with_empty_text():
    empty = [
        report
        for report, texts in ((report, report_texts(report.text)) for report in REPORTS)
        if not training_text(texts.findings, texts.impression, report=texts.report)
    ]
    print(f"{len(empty) / len(REPORTS):.2%} of {len(REPORTS)} reports have no text")
    assert len(empty) < 0.01 * len(REPORTS)


@pytest.mark.parametrize("start", range(0, 3000, 500))
def test_labels_of_the_report_and_of_its_texts_agree(start):
    for report in REPORTS[start : start + 500 : 3]:
        texts = report_texts(report.text)
        joined = with_headers(texts.findings, texts.impression)
        assert label_report(report.text) == label_report(joined)
        assert "WETREADONLY" not in joined + texts.indication


@pytest.mark.parametrize("form", ["{}", "\n{}\n"])
@pytest.mark.parametrize("written", HANDWRITTEN, ids=lambda written: written["report"][:30])
def test_reports_written_by_hand(written, form):
    texts = report_texts(form.format(written["report"]))
    for name in ("indication", "findings", "impression"):
        assert flat(getattr(texts, name)) == written[name]
    joined = with_headers(texts.findings, texts.impression)
    assert label_report(written["report"]) == label_report(joined)
