"""The base forms of words."""

import pytest

from radtex.reports.word_forms import base_form


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("opacities", "opacity"),
        ("effusions", "effusion"),
        ("masses", "mass"),
        ("shows", "show"),
        ("mass", "mass"),
        ("hilus", "hilus"),
        ("atelectasis", "atelectasis"),
        ("has", "has"),
        ("edema", "edema"),
        ("", ""),
    ],
)
def test_words_lose_the_s_of_a_plural_or_a_verb(word: str, expected: str) -> None:
    assert base_form(word, "english") == expected
    assert base_form(expected, "english") == expected
