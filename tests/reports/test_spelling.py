"""Words of a text as the rules spell them."""

from importlib.resources import files

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports import label_report
from radtex.reports.label_rules import Node, rule_tree
from radtex.reports.spelling import SHORTEST, Misspellings, is_known, known_form, known_words
from radtex.reports.word_forms import base_form

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def words_of(node: Node) -> set[str]:
    return set(node.following).union(*map(words_of, node.following.values()))


VOCABULARY = words_of(rule_tree("english"))
LONG = sorted(word for word in VOCABULARY if len(word) >= SHORTEST and word.isalpha())
LOOKALIKES = yaml.safe_load(
    (files("radtex.reports") / "labels" / "english" / "lookalikes.yaml").read_text(encoding="utf-8")
)


def one_letter_away(word: str) -> set[str]:
    """All that one wrong letter makes of a word, as a plain list of every way to err."""
    halves = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    missing = {head + tail[1:] for head, tail in halves if tail}
    exchanged = {head + tail[1] + tail[0] + tail[2:] for head, tail in halves if len(tail) > 1}
    wrong = {head + letter + tail[1:] for head, tail in halves if tail for letter in LETTERS}
    surplus = {head + letter + tail for head, tail in halves for letter in LETTERS}
    return (missing | exchanged | wrong | surplus) - {word}


@pytest.mark.parametrize(
    ("word", "form"),
    {
        "pneumothoraces": "pneumothorax",
        "hydropneumothoraces": "hydropneumothorax",
        "metastases": "metastasis",
        "atelectases": "atelectasis",
        "sulci": "sulcus",
        "mediastina": "mediastinum",
        "haemothorax": "hemothorax",
        "haemothoraces": "hemothorax",
        "oedema": "edema",
        "tumours": "tumor",
        "effusions": "effusion",
    }.items(),
)
def test_latin_plurals_and_british_spellings_are_known(word, form):
    assert known_form(word, "english") == form


@pytest.mark.parametrize(
    ("word", "form"),
    {
        "effussion": "effusion",
        "efusions": "effusion",
        "pnuemothorax": "pneumothorax",
        "pneumothoracies": "pneumothorax",
        "consolidaton": "consolidation",
        "opacites": "opacity",
        "cardiomegally": "cardiomegaly",
        "fractue": "fracture",
    }.items(),
)
def test_one_wrong_letter_is_read_over(word, form):
    assert known_form(word, "english") == form


@pytest.mark.parametrize(
    "word",
    [
        *("infusion", "diffusion", "profusion", "modular", "injection", "inflection", "peacemaker"),
        *("hemithorax", "plural", "avascular", "pneumoniae", "either", "mast", "four", "hour"),
        *("neumonia", "fractura", "infektion"),
    ],
)
def test_a_word_of_its_own_is_no_misspelling(word):
    assert known_form(word, "english") == word


def test_a_short_word_is_read_to_the_letter():
    assert "nodule" in VOCABULARY
    assert "edema" in VOCABULARY
    assert known_form("nodle", "english") == "nodle"
    assert known_form("edmea", "english") == "edmea"


@pytest.mark.parametrize("word", ["consolidation", "pneumothorax", "opacity", "nodular"])
def test_every_word_one_letter_away_is_found(word):
    found = Misspellings([word], frozenset())
    assert {other for other in one_letter_away(word) if found.intended(other) != word} == set()


@given(st.sampled_from(LONG), st.text(LETTERS, min_size=5, max_size=14))
def test_nothing_farther_away_is_found(word, other):
    found = Misspellings([word], frozenset()).intended(other)
    assert (found == word) == (other == word or other in one_letter_away(word))


@given(st.data())
def test_a_misspelt_term_is_read_as_a_word_of_the_rules_unless_it_is_a_word(data):
    word = data.draw(st.sampled_from(LONG))
    other = data.draw(st.sampled_from(sorted(one_letter_away(word))))
    form = known_form(other, "english")
    assert form in VOCABULARY | {base_form(right, "english") for right in LOOKALIKES}


@given(st.sampled_from(LONG))
def test_words_of_the_rules_stay(word):
    assert known_form(word, "english") == word


def test_no_lookalike_is_a_word_of_the_rules():
    assert not VOCABULARY & set(LOOKALIKES)
    assert len(LOOKALIKES) == len(set(LOOKALIKES))


@pytest.mark.parametrize(
    ("text", "label", "state"),
    [
        ("Bilateral pneumothoraces.", "Pneumothorax", 1),
        ("BILATERAL PNEUMOTHORACES.", "Pneumothorax", 1),
        ("No effusions or pneumothoraces.", "Pneumothorax", 0),
        ("Pulmonary metastases.", "Lung Lesion", 1),
        ("Blunted costophrenic sulci.", "Pleural Effusion", -1),
        ("Left haemothorax.", "Pleural Effusion", 1),
        ("Haemopneumothorax.", "Pneumothorax", 1),
        ("No evidnece of pnuemothorax.", "Pneumothorax", 0),
        ("Small efusion.", "Pleural Effusion", 1),
        ("Infusion of contrast.", "Pleural Effusion", None),
        ("Hemithorax.", "Pleural Effusion", None),
    ],
)
def test_labels_follow(text, label, state):
    assert label_report(text)[label] == state


def test_a_misspelt_word_is_none_of_the_rules() -> None:
    assert all(is_known(word, "english") for word in ("pneumonia", "effusions", "pneumothoraces"))
    assert is_known("oedema", "english")
    assert not is_known("pneumnia", "english")
    assert known_words("english") == VOCABULARY


def test_a_slip_at_either_end_of_a_word_is_understood() -> None:
    for written in ("xffusion", "efusion", "feffusion", "efufsion", "effusoin", "effusiox"):
        assert known_form(written, "english") == "effusion"
    assert known_form("xyfusiqn", "english") == "xyfusiqn"
