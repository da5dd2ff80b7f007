"""What a sentence says of the observations that it names: how far each cue reaches."""

from collections.abc import Sequence

from radtex.reports.label_organs import OrgansRead
from radtex.reports.label_outlook import Outlook, look_ahead
from radtex.reports.label_phrases import Found, find_phrases
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
from radtex.reports.label_sentences import Word
from radtex.reports.label_statements import Part, Scope, Statement, reach_back, void_broken_devices
from radtex.reports.sections import Span

_NEAR = 5
"""Words from "in" to an observation that is named as a place, at most."""

_AIRSPACE = {"Lung Opacity", "Consolidation", "Pneumonia", "Atelectasis", "Edema"}
"""Observations that a bracket may explain: "no consolidation (pneumonia)"."""


def read_sentence(words: Sequence[Word], root: Node) -> list[Statement]:
    """Return what a sentence states, in the order of its words and in time linear in them.

    Args:
        words: the words of the sentence.
        root: the tree of rules, from `radtex.reports.label_rules.rule_tree`.
    """
    found = [*find_phrases(words, root)]
    reading = _Reading()
    for phrase, ahead in zip(found, look_ahead(found, len(words)), strict=True):
        reading.take_phrase(phrase, ahead)
    reading.end(len(words))
    return reading.statements


class _Reading:
    """A sentence as far as it has been read."""

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
        self._partial = self._hindered = self._compared = False
        self._earlier_end = -1
        """Where a word for an earlier film ended that no verb of seeing stood before."""
        self._within: int | None = None
        """Where a place is named in which something is denied."""
        self._previous = Found((), 0, 0, Span(0, 0))
        self._between: list[Mark] = []
        """Marks since the last statement."""
        self._between_from = 0
        self._organs = OrgansRead[Scope | None]()

    def take_phrase(self, phrase: Found, ahead: Outlook) -> None:
        if self._scope is not None and phrase.place > self._previous.end:
            self._scope.filled = True
        sides = {rule.side for rule in phrase.rules if isinstance(rule, Cue)}
        for rule in phrase.rules:
            wrong_side = "before" if self._list and not ahead.named else "after"
            if not (len(sides) == 2 and isinstance(rule, Cue) and rule.side == wrong_side):
                self._take(rule, phrase, ahead)
        self._previous = phrase

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
                    reach_back(self._list, state, phrase.span)
            case Mark(kind):
                self._take_mark(rule, phrase, ahead)
                if kind not in ("asserting", "qualifying", "changed", "partial"):
                    self._fill(phrase)

    def _fill(self, phrase: Found) -> None:
        if self._scope is not None and self._scope.span != phrase.span:
            self._scope.filled = True

    # Statements

    def _state_term(self, claims: Claims, phrase: Found) -> None:
        self._fill(phrase)
        if not claims:
            return
        if self._apposed and self._scope is not None:
            explained = self._list and isinstance(self._list[-1], Statement) and self._list[-1]
            names = {claims[0][0], *(explained.claims[0][0] for _ in range(1) if explained)}
            if not (explained and names <= _AIRSPACE):
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

    # Cues

    def _begin_scope(self, state: State | None, span: Span, excluding: bool = False) -> None:
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
        self._scope = Scope(state, span, excluding=excluding)
        self._loose = self._hindered = False
        self._list, self._denied = [], []

    @property
    def _fresh_denial(self) -> bool:
        """Whether a denial has come that has reached nothing yet."""
        return self._scope is not None and self._scope.state == 0 and not self._scope.named

    # Marks

    def _take_mark(self, mark: Mark, phrase: Found, ahead: Outlook) -> None:
        self._between.append(mark)
        match mark.kind:
            case "comma" | "joining" | "choosing" | "dash" | "colon" | "opening" | "closing":
                self._take_boundary(mark.kind, ahead)
            case "accompanying" | "ending" | "turning":
                self._take_turn(mark.kind)
            case "linking":
                self._organs.end_list()
            case "showing":
                if self._scope is not None and self._scope.state is None:
                    self._scope = None
            case "locating" | "relating":
                self._take_preposition(mark.kind, phrase)
            case "changing" | "changed" | "partial" | "clearing" | "cleared" | "evidence":
                self._take_change(mark.kind, phrase, ahead)
            case "seeing":
                self._take_seeing(ahead)
            case "excluding" | "excluded" | "barring" | "hindering" | "doubting" | "knowing":
                self._take_exclusion(mark.kind, phrase, ahead)
            case "comparing":
                self._compared = True
            case "nominal":
                if self._scope is not None and self._scope.span == phrase.span:
                    self._scope.nominal = True
            case "earlier":
                self._take_earlier(phrase, ahead)

    def _take_boundary(self, kind: MarkKind, ahead: Outlook) -> None:
        scope = self._scope
        self._within = None
        self._organs.end_quality()
        self._denied, self._compared = [], False
        match kind:
            case "opening":
                self._brackets.append((scope, self._list))
                self._list = [*self._list[-1:], kind]
                if scope is not None and scope.named and ahead.newness:
                    self._scope = None
                self._apposed = scope is not None and scope.named
                return
            case "closing":
                if self._brackets:
                    self._scope, self._list = self._brackets.pop()
                self._apposed = False
                return
        self._list.append(kind)
        if kind == "choosing":
            self._loose = False
        elif kind == "comma":
            self._organs.end_clause()
        if scope is None:
            return
        if kind == "choosing":
            scope.changing = False
            denied = scope.state == 0 and scope.named and not scope.released
            if ahead.newness == 3 and denied:
                self._scope = None
            return
        if scope.released and not scope.named:
            scope.released = False
        if kind in ("dash", "colon"):
            if scope.named or scope.changing or (scope.filled and kind == "dash"):
                self._scope = None
            return
        if not (scope.named or scope.filled):
            return
        self._loose = True
        strict = kind == "joining" or scope.state != 0
        least = 3 if ahead.choice else 2 if strict else 1
        if ahead.newness >= least or (scope.changing and not scope.named and not ahead.choice):
            self._scope = None

    def _take_turn(self, kind: MarkKind) -> None:
        if kind == "turning":
            scope = self._scope
            if scope is None or scope.state != 0 or not (scope.named or scope.filled):
                return
        self._scope, self._within = None, None
        if kind == "accompanying":
            self._list.append(kind)
            return
        self._list = []
        self._partial = self._hindered = False
        self._organs.end_clause()

    def _take_preposition(self, kind: MarkKind, phrase: Found) -> None:
        scope = self._scope
        self._within = None
        if scope is None or scope.state != 0:
            return
        if scope.changing:
            scope.released = True
        elif kind == "locating" and (scope.named or scope.filled):
            self._within = phrase.place

    def _take_change(self, kind: MarkKind, phrase: Found, ahead: Outlook) -> None:
        scope = self._scope
        match kind:
            case "partial":
                self._partial = True
            case "evidence":
                if scope is not None:
                    scope.released = scope.changing = False
            case "changing":
                if scope is None or scope.state != 0:
                    return
                scope.changing = True
                if self._denied and self._previous.end == phrase.place and self._list:
                    last = self._list[-1]
                    if isinstance(last, Statement) and last.state == 0:
                        last.state, last.cues = 1, ()
            case "changed":
                if self._fresh_denial and not ahead.named:
                    self._scope = None
            case "clearing":
                self._take_clearing(phrase)
            case "cleared":
                self._take_cleared(phrase, ahead)

    def _take_clearing(self, phrase: Found) -> None:
        scope = self._scope
        partial, self._partial = self._partial, False
        if scope is not None and not scope.named and scope.state != 1:
            if scope.state == 0:
                self._scope = None
            return
        if not partial:
            self._begin_scope(0, phrase.span)
        else:
            self._scope = None

    def _take_cleared(self, phrase: Found, ahead: Outlook) -> None:
        scope = self._scope
        partial, self._partial = self._partial or ahead.partial, False
        if partial or self._fresh_denial:
            self._scope = None
            return
        if scope is not None and not scope.named:
            if scope.state == -1 and not ahead.named:
                reach_back(self._held, -1, phrase.span)
                self._scope = None
            return
        linked = any(mark.kind == "linking" for mark in self._between)
        if ahead.named and not linked:
            self._begin_scope(0, phrase.span)
        else:
            reach_back(self._list, 0, phrase.span)

    def _take_seeing(self, ahead: Outlook) -> None:
        scope = self._scope
        if scope is None or scope.named or scope.nominal or ahead.named or not self._held:
            return
        if scope.state == 0 and not self._loose:
            if not (ahead.earlier or scope.earlier):
                reach_back(self._held, 0, scope.span)
            self._scope = None
        elif scope.state == -1 and not scope.filled:
            reach_back(self._held, -1, scope.span)
            self._scope = None

    def _take_earlier(self, phrase: Found, ahead: Outlook) -> None:
        if Mark("seeing") not in self._previous.rules:
            self._earlier_end = phrase.end
        scope = self._scope
        if scope is None:
            return
        scope.earlier = True
        if scope.state == 0 and not self._compared and not ahead.named:
            for statement in self._denied:
                statement.state = None

    def _take_exclusion(self, kind: MarkKind, phrase: Found, ahead: Outlook) -> None:
        scope = self._scope
        match kind:
            case "hindering":
                self._hindered = True
                if scope is not None and scope.excluding and scope.named:
                    for statement in self._denied:
                        statement.state = -1
                return
            case "knowing":
                new = {"determining", "ending", "locating", "relating", "changing"}
                said = any(isinstance(r, Mark) and r.kind in new for r in self._previous.rules)
                if ahead.newness < 3 and not said and not (scope and scope.state == 0):
                    self._begin_scope(None, phrase.span)
                return
            case "doubting":
                if self._fresh_denial:
                    self._scope = None
                elif ahead.named or not self._list:
                    self._begin_scope(-1, phrase.span)
                else:
                    reach_back(self._list, -1, phrase.span)
                return
        doubted = self._hindered or (
            self._fresh_denial and not (kind == "barring" and scope and scope.filled)
        )
        doubted = doubted or (scope is not None and scope.state == -1 and not scope.named)
        asked = any(rule == Mark("asking") for rule in self._previous.rules)
        asked = asked and self._previous.end == phrase.place
        if doubted:
            parts = self._held or self._list
            if ahead.named and kind != "excluded":
                self._scope = None
                self._begin_scope(-1, phrase.span, excluding=True)
            elif parts:
                reach_back(parts, -1, phrase.span)
                self._scope = None
            else:
                self._scope = None
                self._begin_scope(-1, phrase.span, excluding=True)
            self._hindered = False
        elif kind == "barring" and scope is not None and scope.state == 0:
            self._scope = None
        elif kind == "barring" and phrase.place == 0:
            self._begin_scope(1, phrase.span, excluding=True)
        elif kind == "excluded" and self._list and not ahead.named:
            reach_back(self._list, -1 if asked else 0, phrase.span)
        elif kind == "excluding" and (
            asked or phrase.place == 0 or self._previous.rules == (Mark("comma"),)
        ):
            self._begin_scope(None, phrase.span, excluding=True)
        else:
            self._begin_scope(0, phrase.span, excluding=True)
