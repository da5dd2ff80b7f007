"""The text that a captioner learns."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports import TEXT_POLICIES, training_text, training_texts

texts = st.text(alphabet=st.sampled_from("ab .\n\t\u00a0\u2003é"), max_size=20)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("findings+impression", "Clear lungs. No disease."),
        ("findings", "Clear lungs."),
        ("impression", "No disease."),
        ("full", "Clear lungs. No disease."),
    ],
)
def test_the_policy_chooses_the_sections(policy, expected):
    assert training_text("Clear  lungs.\n", "\tNo disease.", policy) == expected


@pytest.mark.parametrize("policy", TEXT_POLICIES)
def test_an_empty_section_gives_way_to_the_other(policy):
    assert training_text("Clear lungs.", " \n", policy) == "Clear lungs."
    assert training_text("", "No disease.", policy) == "No disease."
    assert training_text("", " ", policy) == ""


@given(texts, texts, st.sampled_from(TEXT_POLICIES))
def test_words_are_kept_in_order_with_single_spaces_between(findings, impression, policy):
    text = training_text(findings, impression, policy)
    expected = {
        "findings+impression": findings.split() + impression.split(),
        "findings": findings.split() or impression.split(),
        "impression": impression.split() or findings.split(),
        "full": findings.split() + impression.split(),
    }[policy]
    assert text == " ".join(expected)


def test_full_is_the_report_below_its_title_and_without_its_signature():
    report = (
        "FINAL REPORT\n CHEST, ___\n\n INDICATION: Cough.\n FINDINGS: Clear\n lungs.\n\n"
        " IMPRESSION: Normal.\n NOTIFICATION: Dr. ___ was called.\n SIGNED BY: Dr. ___\n"
    )
    text = training_text("Clear lungs.", "Normal.", "full", report)
    assert text == "INDICATION: Cough. FINDINGS: Clear lungs. IMPRESSION: Normal."
    assert training_text("Clear.", "", "full", "Clear.") == "Clear."


@pytest.mark.parametrize("policy", TEXT_POLICIES)
def test_marks_of_deidentification_are_not_learnt_but_numbers_are(policy):
    text = "1. A 2.5 cm mass since ___.\n2. XXXX."
    assert training_text(text, "", policy) == "1. A 2.5 cm mass. 2."


def test_references_to_earlier_studies_are_removed_on_demand():
    sections = ("Stable cardiomegaly. Clear lungs.", "No change.")
    assert training_text(*sections) == "Stable cardiomegaly. Clear lungs. No change."
    assert training_text(*sections, remove_priors=True) == "Cardiomegaly. Clear lungs."


def test_texts_of_an_index_follow_its_rows():
    index = pd.DataFrame(
        {
            "findings": ["Stable effusion.", ""],
            "impression": ["b", "c"],
            "report": ["EXAM: Chest FINDINGS: Stable effusion.", ""],
        }
    )
    assert training_texts(index) == ["Stable effusion. b", "c"]
    assert training_texts(index, "full", remove_priors=True) == [
        "EXAM: Chest FINDINGS: Effusion.",
        "c",
    ]
