"""Marks of de-identification."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports.blanks import remove_blanks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Compared to the study of ___, normal chest x-XXXX.",
            "Compared to the study, normal chest.",
        ),
        ("A line is seen, new compared with ___.", "A line is seen, new."),
        ("In comparison with ___, there is edema.", "There is edema."),
        ("There is no XXXX of a pleural effusion.", "There is no pleural effusion."),
        ("XXXX and soft tissues are unremarkable.", "Soft tissues are unremarkable."),
        ("The vessels and XXXX XXXX are normal.", "The vessels are normal."),
        ("XXXX right effusion (XXXX).", "Right effusion."),
        ("Clear. XXXX. Discussed with Dr. ___ today.", "Clear. Discussed with today."),
        ("A ___-year-old on [**2101-1-1**].", "A."),
        ("___ XXXX", ""),
    ],
)
def test_a_mark_goes_with_what_it_leaves_dangling(text, expected):
    assert remove_blanks(text) == expected


@pytest.mark.parametrize("text", ["A 2.5 cm mass at T4-5, 5/6/2010 .", "x_y ( ) and", ""])
def test_text_without_marks_is_left_alone(text):
    assert remove_blanks(text) == text


WORDS = "the of and XXXX ___ Dr. x-XXXX , . ( ) 2.5 cm is"


@given(st.lists(st.sampled_from(WORDS.split())))
def test_no_mark_is_left_and_numbers_stay(words):
    text = remove_blanks(" ".join(words))
    assert "XX" not in text
    assert "__" not in text
    assert text.count("2.5") == words.count("2.5")
    assert text == " ".join(text.split())
