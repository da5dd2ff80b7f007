"""The texts of a study, from its raw report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.record import Record, Texts
from radtex.corpus.report_texts import amended, report_texts, settle_texts
from radtex.errors import ReportError
from radtex.reports import label_report
from radtex.reports.addenda import split_addenda, with_headers
from radtex.reports.markup import plain_text
from radtex.reports.section_headers import HEADERS

PHRASES = [phrase for phrases in HEADERS.values() for phrase in phrases]

pieces = st.one_of(
    st.sampled_from(PHRASES),
    st.sampled_from([":", "\n", "\r\n", " ", ". ", " - ", "_" * 12, "PORTABLE CHEST"]),
    st.text(max_size=8),
)


@given(st.lists(pieces, max_size=30).map("".join))
def test_the_texts_of_a_record_are_quoted_from_the_report(text):
    texts = report_texts(text)
    plain = plain_text(text)
    for section in (texts.indication, *split_addenda(texts.findings, texts.impression)):
        paragraphs = [part.removeprefix("ADDENDUM:").strip() for part in section.split("\n\n")]
        assert all(paragraph in plain for paragraph in paragraphs) or section in plain
    assert texts.report == text.strip()


def test_texts_are_had_by_their_names_as_of_a_mapping():
    texts = report_texts("FINDINGS: Clear lungs.\n\nIMPRESSION: Normal.")
    assert (texts["findings"], texts["impression"]) == ("Clear lungs.", "Normal.")
    with pytest.raises(KeyError, match="split"):
        texts["split"]


def test_findings_and_impression_are_those_of_their_headers():
    texts = report_texts("HISTORY: Fall.\nFINDINGS: Clear.\nIMPRESSION: Well.\n")
    assert (texts.indication, texts.findings, texts.impression) == (
        "Fall.",
        "Clear.",
        "Well.",
    )
    assert texts.report == "HISTORY: Fall.\nFINDINGS: Clear.\nIMPRESSION: Well."
    assert report_texts("IMPRESSION: Well.\n\nSIGNED BY: ___").findings == ""


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (
            "FINAL REPORT\n CHEST, ___\n\n HISTORY: Cough.\n\n Rotated.\n \n Lungs clear.",
            "Rotated.\n \n Lungs clear.",
        ),
        ("PORTABLE CHEST\n\n HISTORY: Cough.\n", ""),
        ("Lungs are clear.\n\nRECOMMENDATION: CT in a year.", "Lungs are clear."),
        (
            "FINAL REPORT\n\n Lungs are clear.\n\n Heart normal.",
            "Lungs are clear.\n\n Heart normal.",
        ),
    ],
)
def test_findings_without_a_header_are_all_that_says_something_of_the_film(text, findings):
    assert report_texts(text).findings == findings


@given(st.lists(st.sampled_from(["clear lungs", "no effusion", "heart normal"]), min_size=1))
def test_text_without_any_header_is_all_findings(sentences):
    text = ".\n\n".join(sentences)
    assert report_texts(text) == Texts(findings=text, report=text)


WITH_ADDENDA = [
    (
        "FINDINGS: No pneumothorax.\nIMPRESSION: Normal.\n\n"
        "ADDENDUM: On review there is a small right pneumothorax.",
        ("No pneumothorax.",
         "Normal.\n\nADDENDUM: On review there is a small right pneumothorax."),
        {"Pneumothorax": 1, "No Finding": 0},
    ),
    (
        "ADDENDUM: Small effusion missed.\nFINDINGS: No effusion.",
        ("No effusion.\n\nADDENDUM: Small effusion missed.", ""),
        {"Pleural Effusion": 1},
    ),
    (
        f"ADDENDUM: No pneumothorax.\n{'_' * 40}\nFINAL REPORT\nHISTORY: Fall.\n\n"
        "Small pneumothorax. Mild edema.",
        ("Small pneumothorax. Mild edema.\n\nADDENDUM: No pneumothorax.", ""),
        {"Pneumothorax": 0, "Edema": 1},
    ),
    (
        "IMPRESSION: Mild edema.\nADDENDUM #1: Edema is possible.\nADDENDUM #2: No effusion.",
        ("", "Mild edema.\n\nADDENDUM: Edema is possible.\n\nADDENDUM: No effusion."),
        {"Edema": 1, "Pleural Effusion": 0},
    ),
    ("ADDENDUM: Mild edema.", ("ADDENDUM: Mild edema.", ""), {"Edema": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("report", "texts", "labels"), WITH_ADDENDA)
def test_addenda_end_the_texts_and_correct_the_labels(report, texts, labels):
    found = report_texts(report)
    assert (found.findings, found.impression) == texts
    for text in (report, with_headers(*texts), " ".join(filter(None, texts))):
        read = label_report(text)
        assert {name: read[name] for name in labels} == labels


@pytest.mark.parametrize(
    ("texts", "flags"),
    [
        ({}, ["no report"]),
        ({"report": "HISTORY: Fall."}, ["report without findings or impression"]),
        ({"report": "x", "impression": "Clear."}, []),
        ({"impression": "Normal.\n\nADDENDUM: Edema."}, ["report has an addendum"]),
        ({"findings": "Clear.", "report": "<Doc>Clear.</Doc>"},
         ["report: markup that could not be undone"]),
        ({"findings": "&nbsp;", "report": "y"}, ["report without findings or impression"]),
    ],
)  # fmt: skip
def test_what_is_odd_about_a_report_is_flagged(texts, flags):
    record = settle_texts(Record("i", "s", "p", "i.png", texts=Texts(**texts), flags=("older",)))
    assert [*record.flags] == ["older", *flags]


def test_markup_in_the_cells_of_a_table_is_undone_and_the_raw_report_kept():
    record = Record("i", "s", "p", "i.png", texts=Texts(
        "<i>Cough</i>", "No&nbsp;effusion<br>Edema", report="<b>x</b>"))  # fmt: skip
    found = settle_texts(record)
    assert (found.texts.indication, found.texts.findings) == ("Cough", "No effusion\nEdema")
    assert found.texts.report == "<b>x</b>"


@pytest.mark.parametrize("field", ["indication", "findings", "impression", "report"])
def test_a_text_longer_than_any_report_is_refused(field: str) -> None:
    texts = dict.fromkeys(("indication", "findings", "impression", "report"), "Clear.")
    long = Texts(**texts | {field: "clear " * 20_000})
    record = Record("i", "s", "p", "i.png", texts=long)
    with pytest.raises(ReportError):
        settle_texts(record)


def test_texts_that_are_too_long_together_are_refused() -> None:
    record = Record("i", "s", "p", "i.png", texts=Texts("", "a" * 60_000, "b" * 60_000))
    with pytest.raises(ReportError):
        settle_texts(record)


def test_a_report_that_is_too_long_is_kept_for_its_row_to_be_refused() -> None:
    text = "Clear. " * 20_000
    assert report_texts(text).report == text.strip()
    assert amended("Clear.", "", f"ADDENDUM: {text}") == ("Clear.", "")
