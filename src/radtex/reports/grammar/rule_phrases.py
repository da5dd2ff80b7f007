"""The phrases of a sentence that have rules."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from radtex.reports.label_rules import Node, Rule
from radtex.reports.label_sentences import Word
from radtex.reports.sections import Span


class Found(NamedTuple):
    """A phrase that has rules."""

    rules: tuple[Rule, ...]
    """Its rules."""
    place: int
    """Its first word."""
    end: int
    """The word behind its last."""
    span: Span
    """Where it stands in the text."""


def find_phrases(words: Sequence[Word], root: Node) -> Iterator[Found]:
    """Yield the phrases that have rules, from left to right, the longest at each place."""
    place = 0
    while place < len(words):
        rules: tuple[Rule, ...] = ()
        node, end, ahead = root, place + 1, place
        while ahead < len(words) and (following := node.following.get(words[ahead].form)):
            node, ahead = following, ahead + 1
            if node.rules:
                rules, end = node.rules, ahead
        if rules:
            yield Found(rules, place, end, Span(words[place].start, words[end - 1].end))
        place = end
