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
    }[policy]
    assert text == " ".join(expected)


def test_texts_of_an_index_follow_its_rows():
    index = pd.DataFrame({"findings": ["a", ""], "impression": ["b", "c"]})
    assert training_texts(index, "findings+impression") == ["a b", "c"]
