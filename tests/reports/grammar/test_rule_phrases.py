"""Phrases that have rules."""

from radtex.reports.grammar.rule_phrases import find_phrases
from radtex.reports.label_rules import Mark, Node, Term
from radtex.reports.label_sentences import Word


def test_the_longest_phrase_is_taken_and_unknown_words_are_passed_over() -> None:
    heart, of = Node((Mark("joining"),)), Node()
    heart.following["failure"] = Node((Term(()),))
    root = Node(following={"heart": heart, "of": of})
    words = [Word(form, 10 * place, 10 * place + 5) for place, form in enumerate(
        ("heart", "of", "heart", "failure", "heart")
    )]  # fmt: skip
    found = [*find_phrases(words, root)]
    assert [(phrase.place, phrase.end) for phrase in found] == [(0, 1), (2, 4), (4, 5)]
    assert found[1].rules == (Term(()),)
    assert found[1].span == (20, 35)
