"""The language of a report."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports.language_detection import LANGUAGES, find_language


def language_of(text: str) -> str | None:
    return find_language(re.findall(r"[^\W\d_]+", text.lower()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The heart is normal in size. The lungs are clear.", "english"),
        ("No pneumothorax.", "english"),
        ("Cardiomegaly.", "english"),
        ("Report pending", "english"),
        ("Derrame pleural derecho. Cardiomegalia.", "spanish"),
        ("Sin derrame pleural ni neumotórax.", "spanish"),
        ("sin alter radiolog signific .", "spanish"),
        ("no apreci infiltr ni condens pulmonar .", "spanish"),
        ("Neumonía.", "spanish"),
        ("Pleuraerguss rechts, kein Pneumothorax.", "german"),
        ("Herz normal groß, Lungen frei belüftet.", "german"),
        ("Unterlappenatelektase.", "german"),
        ("Pas d'épanchement pleural. Le cœur est de taille normale.", "french"),
        ("Non versamento pleurico. Cuore nei limiti della norma.", "italian"),
        ("Coração de dimensões normais. Sem derrame pleural nos seios.", "portuguese"),
        ("Normaal hart en longen, geen pleuravocht.", "dutch"),
        ("Сердце не расширено, плевральные синусы свободны.", None),
        ("両側肺野に異常陰影を認めません。", None),
        ("", None),
    ],
)
def test_a_report_is_in_the_language_whose_words_it_uses(text: str, expected: str | None) -> None:
    assert language_of(text) == expected


def test_accents_do_not_decide() -> None:
    assert language_of("Sin neumotorax ni condensacion.") == "spanish"
    assert language_of("Unauffaelliger Befund ohne Erguesse.") == "german"


@given(st.lists(st.text(max_size=12), max_size=30))
def test_any_words_are_judged(words: list[str]) -> None:
    found = find_language(words)
    assert found is None or found.isalpha()
    assert find_language([]) is None
    assert LANGUAGES == ("english", "spanish", "german")
