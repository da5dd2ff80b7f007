"""What follows a phrase, in English."""

import pytest

from radtex.reports.grammar.outlook import Outlook, look_ahead
from radtex.reports.grammar.rule_phrases import find_phrases
from radtex.reports.label_rules import rule_tree
from radtex.reports.label_sentences import split_sentences
from radtex.reports.sections import Span


def first(text: str) -> Outlook:
    """What follows the first phrase of a text."""
    (sentence, *_) = split_sentences(text, Span(0, len(text)))
    words = sentence.words
    return look_ahead([*find_phrases(words, rule_tree("english"))], len(words))[0]


@pytest.mark.parametrize(
    ("text", "newness"),
    [
        (", effusion", 0),
        (", focal consolidation", 0),
        (", in both lungs", 0),
        (", odd consolidation", 1),
        (", effusion is seen", 1),
        (", small effusion", 2),
        (", effusion on the left", 2),
        (", the effusion", 2),
        (", improving effusion", 3),
        (", effusion has increased", 3),
        (", effusion is not seen", 3),
        (", tube in place", 3),
        (", there is effusion", 3),
        (", effusion, which has increased", 0),
    ],
)
def test_newness_of_what_follows_a_comma(text: str, newness: int) -> None:
    assert first(text).newness == newness


@pytest.mark.parametrize(
    ("text", "choice", "named", "earlier"),
    [
        ("no effusion", False, True, False),
        ("no effusion or edema", True, True, False),
        ("no effusion but edema or mass", False, True, False),
        ("excluded in the effusion", False, False, False),
        ("excluded, effusion", False, False, False),
        ("seen on the prior", False, False, True),
        ("seen since the prior", False, False, False),
        ("seen, unlike before", False, False, False),
    ],
)
def test_what_a_cue_can_know_ahead(text: str, choice: bool, named: bool, earlier: bool) -> None:
    assert first(text)[:3] == (choice, named, earlier)
