"""The texts of a study, from its raw report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.report_texts import report_texts
from radtex.reports.sections import HEADERS

PHRASES = [phrase for phrases in HEADERS.values() for phrase in phrases]

pieces = st.one_of(
    st.sampled_from(PHRASES),
    st.sampled_from([":", "\n", "\r\n", " ", ". ", " - ", "_" * 12, "PORTABLE CHEST"]),
    st.text(max_size=8),
)


@given(st.lists(pieces, max_size=30).map("".join))
def test_the_texts_of_a_record_are_quoted_from_the_report(text):
    for section in report_texts(text).values():
        assert all(paragraph in text for paragraph in section.split("\n\n")) or section in text


def test_findings_and_impression_are_those_of_their_headers():
    texts = report_texts("HISTORY: Fall.\nFINDINGS: Clear.\nIMPRESSION: Well.\n")
    assert (texts["indication"], texts["findings"], texts["impression"]) == (
        "Fall.",
        "Clear.",
        "Well.",
    )
    assert texts["report"] == "HISTORY: Fall.\nFINDINGS: Clear.\nIMPRESSION: Well."
    assert report_texts("IMPRESSION: Well.\n\nSIGNED BY: ___")["findings"] == ""


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (
            "FINAL REPORT\n CHEST, ___\n\n HISTORY: Cough.\n\n Rotated.\n \n Lungs clear.",
            "Lungs clear.",
        ),
        ("PORTABLE CHEST\n\n HISTORY: Cough.\n", ""),
        ("Lungs are clear.\n\nRECOMMENDATION: CT in a year.", "Lungs are clear."),
        (
            "FINAL REPORT\n\n Lungs are clear.\n\n Heart normal.",
            "Lungs are clear.\n\n Heart normal.",
        ),
    ],
)
def test_without_findings_and_impression_the_last_paragraph_serves(text, findings):
    assert report_texts(text)["findings"] == findings


@given(st.lists(st.sampled_from(["clear lungs", "no effusion", "heart normal"]), min_size=1))
def test_text_without_any_header_is_all_findings(sentences):
    text = ".\n\n".join(sentences)
    assert report_texts(text) == {
        "indication": "",
        "findings": text,
        "impression": "",
        "report": text,
    }
