"""What follows each phrase of a sentence, seen from its end."""

from collections.abc import Sequence
from typing import NamedTuple

from radtex.reports.grammar.rule_phrases import Found
from radtex.reports.label_rules import Cue, Mark, Organ, Rule, Term


class Outlook(NamedTuple):
    """What follows a phrase."""

    choice: bool
    """Whether an "or" follows, before a new cue or the end of what a cue can reach."""
    named: bool
    """Whether an observation or organ follows, with no preposition, verb or comma before it."""
    earlier: bool
    """Whether an earlier film is spoken of, before the next observation or comma."""
    partial: bool
    """Whether words for a part follow, before the next observation or comma: "in part"."""
    newness: int
    """How surely the words up to the next comma, "and" or "or" begin something new.

    3 if they have a verb of their own or say what has changed, 2 if they say of what size or where
    an observation is, 1 if they have words that are not usual in a list, 0 otherwise and where they
    name nothing.
    """


_BOUNDARIES = ("comma", "joining", "dash", "colon", "opening", "closing", "choosing")
_TURNS = ("ending", "accompanying", "turning")
_OWN = (
    "changed", "clearing", "cleared", "excluding", "excluded", "barring", "hindering", "changing",
)  # fmt: skip
"""Words that say something of an observation by itself."""


def look_ahead(found: Sequence[Found], words: int) -> list[Outlook]:
    """Return what follows each phrase of a sentence of so many words, in time linear in it."""
    pass_ = _Backwards()
    ahead = []
    following = words
    for phrase in reversed(found):
        if phrase.end < following:
            pass_.meet_unknown_words()
        ahead.append(pass_.outlook())
        for rule in phrase.rules:
            pass_.meet(rule)
        following = phrase.place
    return ahead[::-1]


class _Backwards:
    """A sentence as far as it has been read from its end."""

    def __init__(self) -> None:
        self._choice = self._named = self._earlier = self._partial = False
        self._term = self._organ = self._seeing = False
        self._newness = 0

    def outlook(self) -> Outlook:
        newness = self._newness if self._term else 2 if self._organ else 0
        return Outlook(self._choice, self._named, self._earlier, self._partial, newness)

    def meet_unknown_words(self) -> None:
        self._raise_newness(1)

    def meet(self, rule: Rule) -> None:
        match rule:
            case Term(claims) if claims:
                self._named = self._term = True
                self._earlier = self._partial = False
            case Organ():
                self._named = self._organ = True
            case Cue(state, side):
                if side == "after" or state == 0:
                    self._raise_newness(3)
                if side == "before":
                    self._choice = False
            case Mark(kind):
                self._meet_mark(kind)

    def _meet_mark(self, kind: str) -> None:
        if kind in _BOUNDARIES or kind in _TURNS:
            self._named = self._earlier = self._partial = False
            if kind == "choosing":
                self._choice = True
            elif kind in _TURNS:
                self._choice = False
            self._begin_part()
        elif kind in _OWN:
            self._raise_newness(3)
        elif kind == "linking":
            self._named = False
            shared = self._term or (self._seeing and self._newness < 3)
            self._raise_newness(1 if shared else 3)
        elif kind == "showing":
            self._raise_newness(3 if self._term else 1)
        elif kind == "seeing":
            self._seeing = not self._term
        elif kind in ("asserting", "determining", "knowing"):
            if self._term or kind == "asserting":
                self._raise_newness(2)
        elif kind == "standing":
            if not self._term:
                self._raise_newness(1)
        elif kind == "partial":
            self._partial = True
            if self._term:
                self._raise_newness(2)
        elif kind == "locating":
            self._named = self._organ = False
        elif kind == "relating":
            self._organ = False
        elif kind == "earlier":
            self._earlier = True
        elif kind == "comparing":
            self._earlier = self._named = False

    def _begin_part(self) -> None:
        self._term = self._organ = self._seeing = False
        self._newness = 0

    def _raise_newness(self, newness: int) -> None:
        self._newness = max(self._newness, newness)
