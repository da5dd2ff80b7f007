"""Sentences and words, as the labeler reads them."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports.label_sentences import split_sentences
from radtex.reports.sections import Span


def read(text: str) -> list[str]:
    """The words of each sentence that has any."""
    sentences = split_sentences(text, Span(0, len(text)))
    return [" ".join(sentence.forms) for sentence in sentences]


@pytest.mark.parametrize(
    "text",
    [
        "No mass. Effusion",
        "No mass; effusion",
        "No mass! Effusion",
        "No mass.Effusion",
        "No mass\nEffusion",
        "No mass\n\neffusion",
        "No mass\r\n\r\neffusion",
        "No mass\n \t\neffusion",
        "No mass\n- effusion",
        "No mass\n• effusion",
        "No mass\n2. effusion",
        "No mass\n(2) effusion",
        "No mass\nb) effusion",
        "No mass 2) effusion",
        "No mass (2) Effusion",
        "No mass<br>effusion",
        "<p>No mass</p><p>effusion</p>",
        "No mass<BR />effusion",
    ],
)
def test_each_layout_has_two_sentences(text: str) -> None:
    assert [words.rstrip(" #").lstrip("# ") for words in read(text)] == ["no mass", "effusion"]


@pytest.mark.parametrize(
    "text",
    [
        "No pleural\neffusion",
        "No pleural\r\neffusion",
        "No\nPleural effusion",
        "No pleural\N{NO-BREAK SPACE}effusion",
        "No <b>pleural</b> effusion",
        "No ___ pleural XXXX effusion",
    ],
)
def test_each_layout_has_one_sentence(text: str) -> None:
    assert read(text) == ["no pleural effusion"]


def test_capitals_end_a_line_where_the_next_word_would_have_fitted() -> None:
    text = "THE LEFT LUNG AND THE RIGHT LUNG ARE BOTH WITHOUT ANY FOCAL CONSOLIDATION OR MASS"
    assert len(read(textwrap.fill(text, 40))) == 1
    assert len(read("NO MASS TODAY\nPNEUMOTHORAX\nNO EDEMA IN EITHER LUNG OR LOBE")) == 3
    assert len(read("NO MASS\nPNEUMOTHORAX")) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("isn't", "is not"),
        ("aren’t", "are not"),
        ("can't", "can not"),
        ("cannot", "can not"),
        ("won't", "will not"),
        ("yesterday's", "yesterday"),
        ("r/o PE", "r/o pe"),
        ("mass and/or fluid", "mass or fluid"),
        ("mass/fluid", "mass / fluid"),
        ("mass vs. fluid", "mass vs fluid"),
        ("3.5 x 2 cm on 5/6/2010", "# x # cm on ##"),
        ("?PTX", "¿ ptx"),
        ("? PTX", "¿ ptx"),
        ("PTX?", "ptx ?"),
        ("a - b -- c—d", "a - b - c - d"),
        ("[a] {b}", "( a ) ( b )"),
        ("post-operative", "post operative"),
    ],
)
def test_forms_of_words_and_signs(text: str, words: str) -> None:
    assert read(text) == [words]


@given(st.text("aZ'’ \n\r?.-()/<br>12\N{NO-BREAK SPACE}x_ß", max_size=60))
def test_words_lie_in_the_text_in_their_order(text: str) -> None:
    span = Span(0, len(text))
    sentences = [*split_sentences(text, span)]
    words = [word for sentence in sentences for word in sentence.words]
    places = [place for word in words for place in (word.start, word.end)]
    assert places == sorted(places)
    for sentence in sentences:
        assert sentence.forms == tuple(word.form for word in sentence.words)
    assert all(word.start < word.end <= len(text) for word in words)
