"""How far cues reach, on a language of a few words."""

import re

import pytest

from radtex.reports.grammar.scopes import read_sentence
from radtex.reports.label_rules import Cue, Mark, Node, Organ, Quality, Rule, State, Term
from radtex.reports.label_sentences import Word

RULES: dict[str, Rule] = {
    "edema": Term((("Edema", 1),)),
    "effusion": Term((("Effusion", 1),)),
    "pericardial effusion": Term(()),
    "mass": Term((("Mass", 1),)),
    "heart": Organ({"large": (("Heart", 1),), "normal": (("Heart", 0),)}),
    "aorta": Organ({"large": (("Aorta", 1),)}),
    "large": Quality("large"),
    "normal": Quality("normal"),
    "no": Cue(0, "before"),
    "possible": Cue(-1, "before"),
    "history of": Cue(None, "before"),
    "absent": Cue(0, "after"),
    "and": Mark("joining"),
    "or": Mark("choosing"),
    "is": Mark("linking"),
    "there": Mark("asserting"),
    "with": Mark("accompanying"),
    "but": Mark("ending"),
    ",": Mark("comma"),
}


def tree() -> Node:
    root = Node()
    for phrase, rule in RULES.items():
        node = root
        for word in phrase.split():
            node = node.following.setdefault(word, Node())
        node.rules = (*node.rules, rule)
    return root


def read(sentence: str) -> list[tuple[str, State, State | None]]:
    """Label, what its words claim, and what the cues make of it."""
    words = [Word(match[0], *match.span()) for match in re.finditer(r"[a-z]+|,", sentence)]
    return [
        (label, claim, statement.state)
        for statement in read_sentence(words, tree())
        for label, claim in statement.claims
    ]


@pytest.mark.parametrize(
    ("sentence", "states"),
    [
        ("edema", {"Edema": 1}),
        ("no edema", {"Edema": 0}),
        ("no edema or effusion", {"Edema": 0, "Effusion": 0}),
        ("no edema , effusion , or mass", {"Edema": 0, "Effusion": 0, "Mass": 0}),
        ("no edema but effusion", {"Edema": 0, "Effusion": 1}),
        ("no edema with effusion", {"Edema": 0, "Effusion": 1}),
        ("no edema and there is effusion", {"Edema": 0, "Effusion": 1}),
        ("edema and effusion absent", {"Edema": 0, "Effusion": 0}),
        ("edema , effusion and mass absent", {"Edema": 0, "Effusion": 0, "Mass": 0}),
        ("mass , effusion absent", {"Mass": 1, "Effusion": 0}),
        ("possible edema but no mass", {"Edema": -1, "Mass": 0}),
        ("no possible edema", {"Edema": 0}),
        ("history of edema", {"Edema": None}),
    ],
)
def test_a_cue_reaches_its_list_and_no_further(
    sentence: str, states: dict[str, State | None]
) -> None:
    assert {label: state for label, _, state in read(sentence)} == states


def test_the_longest_phrase_is_taken() -> None:
    assert read("pericardial effusion") == []
    assert read("effusion pericardial") == [("Effusion", 1, 1)]


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [
        ("heart is large", {("Heart", 1)}),
        ("heart and aorta is large", {("Heart", 1), ("Aorta", 1)}),
        ("heart is normal , aorta is large", {("Heart", 0), ("Aorta", 1)}),
        ("large heart", {("Heart", 1)}),
        ("large left a b c d heart", set()),  # too far behind its quality
        ("aorta is normal", set()),  # a quality that this organ does not have
    ],
)
def test_a_quality_is_said_of_its_organs(sentence: str, claims: set[tuple[str, State]]) -> None:
    assert {(label, claim) for label, claim, _ in read(sentence)} == claims


def test_spans_are_those_of_the_words() -> None:
    text = "no small edema"
    words = [Word(match[0], *match.span()) for match in re.finditer(r"\w+", text)]
    (statement,) = read_sentence(words, tree())
    assert text[slice(*statement.span)] == "edema"
    assert [text[slice(*cue)] for cue in statement.cues] == ["no"]


def test_a_sentence_without_rules_states_nothing() -> None:
    assert read("the quick brown fox") == read("") == []
