"""What a sentence states: observations, and the cues that reach them."""

from abc import ABC, abstractmethod

from radtex.reports.grammar.organs import OrgansRead
from radtex.reports.grammar.outlook import Outlook
from radtex.reports.grammar.rule_phrases import Found
from radtex.reports.grammar.statements import (
    Part,
    Scope,
    Statement,
    reach_back,
    void_broken_devices,
)
from radtex.reports.label_rules import (
    Claims,
    Cue,
    Mark,
    Organ,
    Quality,
    Rule,
    State,
    Term,
)
from radtex.reports.sections import Span

_NEAR = 5
"""Words from "in" to an observation that is named as a place, at most."""

_AIRSPACE = {"Lung Opacity", "Consolidation", "Pneumonia", "Atelectasis", "Edema"}
"""Observations that a bracket may explain: "no consolidation (pneumonia)"."""


class Reading(ABC):
    """A sentence as far as it has been read: its statements, and the cue that reaches on."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self._scope: Scope | None = None
        self._loose = False
        """Whether a comma or "and" came since the cue, so that something new may begin."""
        self._list: list[Part] = []
        """What a cue behind it can reach."""
        self._held: list[Part] = []
        """What stood before a cue that may turn out to speak of it: "effusion is not … seen"."""
        self._denied: list[Statement] = []
        """What the cue has reached since the last comma."""
        self._brackets: list[tuple[Scope | None, list[Part]]] = []
        self._apposed = False
        """Whether a bracket has just been opened that may explain what is denied."""
        self._partial = self._portion = self._hindered = self._compared = False
        self._pair = -1
        """How many statements stood before "neither"; -1 where it has not come."""
        self._earlier_end = -1
        """Where a word for an earlier film ended that no verb of seeing stood before."""
        self._predicate = False
        """Whether a verb came since the last boundary, so that a clause with its own can follow."""
        self._within: int | None = None
        """Where a place is named in which something is denied."""
        self._previous = Found((), 0, 0, Span(0, 0))
        self._between: list[Mark] = []
        """Marks since the last statement."""
        self._between_from = 0
        self._organs: OrgansRead[Scope | None] = OrgansRead()

    def take_phrase(self, phrase: Found, ahead: Outlook) -> None:
        """Read a phrase.

        Args:
            phrase: the phrase.
            ahead: what follows it.
        """
        if self._scope is not None and phrase.place > self._previous.end:
            self._scope.filled = True
        for rule in phrase.rules if len(phrase.rules) == 1 else self._fitting(phrase, ahead):
            self._take(rule, phrase, ahead)
        self._previous = phrase

    def _fitting(self, phrase: Found, ahead: Outlook) -> list[Rule]:
        """Return the rules of a phrase, of cues that work both ways only the one that fits."""
        sides = {rule.side for rule in phrase.rules if isinstance(rule, Cue)}
        wrong_side = "before" if self._list and not ahead.named else "after"
        return [
            rule
            for rule in phrase.rules
            if not (len(sides) == 2 and isinstance(rule, Cue) and rule.side == wrong_side)
        ]

    def end(self, words: int) -> None:
        """Read the end of the sentence behind so many words."""
        scope = self._scope
        if scope is not None and scope.state == 0 and self._previous.end == words:
            alone = scope.span == self._previous.span
            if alone and any(part in ("colon", "dash", "opening") for part in self._held[-1:]):
                reach_back(self._held, 0, scope.span)

    def _take(self, rule: Rule, phrase: Found, ahead: Outlook) -> None:
        match rule:
            case Term(claims):
                self._organs.end_quality()
                self._state_term(claims, phrase)
            case Organ():
                self._within = None
                if answer := self._organs.take_organ(rule, phrase):
                    self._state(answer[0].claims, phrase, answer[0].span, answer[1], True)
            case Quality():
                for said in self._organs.take_quality(rule, phrase, self._scope):
                    self._state(said.claims, phrase, said.span, self._scope, True)
            case Cue(state, "before"):
                self._begin_scope(state, phrase.span)
                if self._scope is not None and self._earlier_end == phrase.place:
                    self._scope.earlier = True
            case Cue(state):
                if not (ahead.earlier or self._earlier_end == phrase.place):
                    fresh = self._scope is not None and not self._scope.named
                    reach_back(self._list or (self._held if fresh else []), state, phrase.span)
            case Mark(kind):
                self._take_mark(rule, phrase, ahead)
                if kind not in ("asserting", "qualifying", "changed", "partial"):
                    self._fill(phrase)

    def _fill(self, phrase: Found) -> None:
        if self._scope is not None and self._scope.span != phrase.span:
            self._scope.filled = True

    def _state_term(self, claims: Claims, phrase: Found) -> None:
        self._fill(phrase)
        if not claims:
            return
        if self._apposed and self._scope is not None and self.statements:
            names = {claims[0][0], self.statements[-1].claims[0][0]}
            if not names <= _AIRSPACE:
                self._scope = None
        self._state(claims, phrase, phrase.span, self._scope)

    def _state(
        self,
        claims: Claims,
        phrase: Found,
        span: Span,
        scope: Scope | None,
        organ: bool = False,
    ) -> None:
        self._apposed = self._partial = False
        if not claims:
            return
        inside = self._within is not None and phrase.place - self._within <= _NEAR
        self._within = None
        if scope is None or (scope.state == 0 and not organ and (inside or scope.released)):
            statement = Statement(claims, span, 1, ())
        else:
            statement = Statement(claims, span, scope.state, (scope.span,))
            self._denied.append(statement)
        if scope is not None:
            scope.named = True
        if self.statements:
            broken = Mark("breaking") in phrase.rules
            gap = phrase.place - self._between_from
            void_broken_devices(self.statements[-1], statement, self._between, broken, gap)
        self.statements.append(statement)
        self._list.append(statement)
        self._between.clear()
        self._between_from = phrase.end

    def _begin_scope(
        self, state: State | None, span: Span, excluding: bool = False, clearing: bool = False
    ) -> None:
        scope = self._scope
        nested = scope is not None and not scope.named and not self._loose
        self._within = None
        if scope is not None and nested and scope.state is None:
            return
        denied = scope is not None and scope.state == 0
        if denied and state == -1 and not self._loose:
            if scope is not None:
                scope.released = scope.changing = False
            return
        if self._list:
            self._held = self._list
        self._scope = Scope(state, span, excluding=excluding, clearing=clearing)
        self._loose = self._hindered = False
        self._list, self._denied = [], []

    @property
    def _fresh_denial(self) -> bool:
        """Whether a denial has come that has reached nothing yet."""
        return self._scope is not None and self._scope.state == 0 and not self._scope.named

    @abstractmethod
    def _take_mark(self, mark: Mark, phrase: Found, ahead: Outlook) -> None: ...
