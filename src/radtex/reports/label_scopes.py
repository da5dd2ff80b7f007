"""What a sentence says of the observations that it names: how far each cue reaches."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from radtex.reports.label_rules import (
    Claims,
    Cue,
    Mark,
    MarkKind,
    Node,
    Organ,
    Quality,
    Rule,
    State,
    Term,
)
from radtex.reports.sections import Span

_NEAR = 4
"""Words from a quality to an organ behind it, at most: "blunting of the left sulcus"."""

_LISTED = 6
"""Organs that one quality is said of, at most."""


class Word(NamedTuple):
    """A word and where it stands, `text[start:end]`."""

    form: str
    """Its base form in lower case, "#" for a number, or a comma."""
    start: int
    """First character."""
    end: int
    """Behind the last character."""


@dataclass
class Statement:
    """What some words claim, and the cues that reach them."""

    claims: Claims
    """What the words claim by themselves."""
    span: Span
    """Where the words stand."""
    state: State | None
    """What the cues make of it; None where they mean that nothing is said."""
    cues: tuple[Span, ...]
    """Where the cues stand."""


class _Found(NamedTuple):
    """The rules of a phrase, its place among the words, and its place in the text."""

    rules: tuple[Rule, ...]
    place: int
    span: Span


def read_sentence(words: Sequence[Word], root: Node) -> list[Statement]:
    """Return what a sentence states, in the order of its words and in time linear in them.

    Args:
        words: the words of the sentence.
        root: the tree of rules, from `radtex.reports.label_rules.rule_tree`.
    """
    found = [*_phrases(words, root)]
    reading = _Reading()
    for phrase, choice_ahead in zip(found, _choices_ahead(found), strict=True):
        for rule in phrase.rules:
            reading.take(rule, phrase, choice_ahead)
    return reading.statements


def _phrases(words: Sequence[Word], root: Node) -> Iterator[_Found]:
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
            yield _Found(rules, place, Span(words[place].start, words[end - 1].end))
        place = end


def _choices_ahead(found: Sequence[_Found]) -> list[bool]:
    """Return for each phrase whether an "or" comes, before a new cue or the end of the old."""
    ahead = []
    coming = False
    for phrase in reversed(found):
        ahead.append(coming)
        for rule in phrase.rules:
            match rule:
                case Mark("choosing"):
                    coming = True
                case Mark("ending" | "accompanying") | Cue(_, "before"):
                    coming = False
    return ahead[::-1]


class _Reading:
    """A sentence as far as it has been read."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self._cue: tuple[Cue, Span] | None = None
        self._loose = False
        """Whether a comma or "and" came since the cue, so that something new may begin."""
        self._list: list[Statement | MarkKind] = []
        """What a cue behind it can reach."""
        self._organs: deque[tuple[Organ, Span]] = deque(maxlen=_LISTED)
        """What a quality behind it is said of."""
        self._organs_complete = False
        """Whether a verb or a quality came since, so that another organ begins a new list."""
        self._organs_described = False
        """Whether a quality came since, so that a comma parts further ones from them."""
        self._quality: tuple[Quality, _Found] | None = None
        """A quality that waits for its organ."""

    def take(self, rule: Rule, phrase: _Found, choice_ahead: bool) -> None:
        match rule:
            case Term(claims):
                self._quality = None
                self._state(claims, phrase.span)
            case Organ():
                self._begin_new(choice_ahead)
                self._take_organ(rule, phrase)
            case Quality():
                self._take_quality(rule, phrase)
            case Cue(_, "before"):
                self._take_cue_before(rule, phrase.span)
            case Cue(state):
                self._take_cue_after(state, phrase.span)
            case Mark(kind):
                self._take_mark(kind, choice_ahead)

    def _state(self, claims: Claims, span: Span) -> None:
        if not claims:
            return
        if self._cue is None:
            statement = Statement(claims, span, 1, ())
        else:
            cue, where = self._cue
            statement = Statement(claims, span, cue.state, (where,))
        self.statements.append(statement)
        self._list.append(statement)

    def _take_organ(self, organ: Organ, phrase: _Found) -> None:
        if self._quality is not None:
            quality, said = self._quality
            self._quality = None
            if phrase.place - said.place <= _NEAR and quality.phrase in organ.claims:
                self._state(organ.claims[quality.phrase], Span(said.span.start, phrase.span.end))
                return
        if self._organs_complete:
            self._organs.clear()
            self._organs_complete = self._organs_described = False
        self._organs.append((organ, phrase.span))

    def _take_quality(self, quality: Quality, phrase: _Found) -> None:
        described = [at for at in self._organs if quality.phrase in at[0].claims]
        if not described:
            self._quality = (quality, phrase)
            return
        for organ, span in described:
            self._state(organ.claims[quality.phrase], Span(span.start, phrase.span.end))
        self._organs_complete = self._organs_described = True

    def _take_cue_before(self, cue: Cue, span: Span) -> None:
        denied = self._cue is not None and self._cue[0].state == 0
        if not (denied and cue.state == -1 and not self._loose):
            self._cue = (cue, span)
        self._loose = False
        self._list.clear()

    def _take_cue_after(self, state: State | None, span: Span) -> None:
        """Apply a cue to the list it ends: back to a comma that no "and" or "or" follows."""
        reached = held = False
        for part in reversed(self._list):
            if isinstance(part, Statement):
                reached = True
                if part.state == 1:
                    part.state = state
                    part.cues = (*part.cues, span)
            elif part in ("joining", "choosing"):
                held = True
            elif reached and not (part == "comma" and held):
                break
        self._list.clear()

    def _take_mark(self, kind: MarkKind, choice_ahead: bool) -> None:
        match kind:
            case "comma" | "joining":
                self._loose = True
                self._list.append(kind)
                if kind == "comma" and self._organs_described:
                    self._organs.clear()
                self._quality = None
            case "choosing":
                self._loose = False
                self._list.append(kind)
            case "linking":
                self._organs_complete = True
            case "asserting":
                self._begin_new(choice_ahead)
            case "accompanying":
                self._cue = None
                self._list.append(kind)
            case "ending":
                self._cue = None
                self._list.clear()
                if self._organs_described:
                    self._organs.clear()

    def _begin_new(self, choice_ahead: bool) -> None:
        """Leave the cue behind where a list has ended: past a comma, with no "or" to come."""
        if self._loose and not choice_ahead:
            self._cue = None
