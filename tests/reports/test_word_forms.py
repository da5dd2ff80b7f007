"""The base forms of words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports.language_detection import LANGUAGES
from radtex.reports.word_forms import base_form, without_accents


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


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("atelectasia", "atelectasias", "atelectasis", "atelectasi"), "atelectasi"),
        (("derrame", "derrames", "derram"), "derram"),
        (("neumotórax", "neumotorax"), "neumotorax"),
        (("infiltrado", "infiltrados", "infiltr"), "infiltr"),
        (("observa", "observan"), "observ"),
        (("descartar", "descart"), "descart"),
        (("descarta",), "descarta"),
        (("los", "de", "se"), ""),
        (("masa", "masas"), "masa"),
    ],
)
def test_spanish_words_and_their_stems_have_one_form(words: tuple[str, ...], expected: str) -> None:
    assert {base_form(word, "spanish") for word in words} == {expected}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("erguss", "pleuraerguss", "ergusses", "pleuraerguß"), "erguss"),
        (("ergüsse", "erguesse", "pleuraergüssen"), "erguess"),
        (("atelektase", "unterlappenatelektasen"), "atelektas"),
        (("lungenödem", "lungenoedems"), "oedem"),
        (("keine", "keinen", "keinem", "kein"), "kein"),
        (("rippenserienfraktur", "frakturen"), "fraktur"),
        (("thoraxdrainage",), "drainag"),
        (("perikarderguss",), "perikarderguss"),
        (("sondern",), "sondern"),
        (("der", "des"), ""),
    ],
)
def test_german_words_lose_endings_and_compounds_count_as_their_heads(
    words: tuple[str, ...], expected: str
) -> None:
    assert {base_form(word, "german") for word in words} == {expected}


@given(st.sampled_from(LANGUAGES), st.text(st.characters(categories=["Ll"]), max_size=30))
def test_a_base_form_is_its_own(language, word):
    form = base_form(word, language)
    assert base_form(form, language) == form


def test_letters_lose_their_marks() -> None:
    assert without_accents("neumotórax ñandú u\u0308ber") == "neumotorax nandu uber"
