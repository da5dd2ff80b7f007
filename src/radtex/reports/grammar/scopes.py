"""What a sentence says of the observations that it names: how far each cue reaches."""

from collections.abc import Sequence

from radtex.reports.grammar.outlook import Outlook, look_ahead
from radtex.reports.grammar.rule_phrases import Found, find_phrases
from radtex.reports.grammar.sentence_reading import Reading
from radtex.reports.grammar.statements import (
    Statement,
    reach_back,
)
from radtex.reports.label_rules import (
    Mark,
    MarkKind,
    Node,
)
from radtex.reports.label_sentences import Word


def read_sentence(words: Sequence[Word], root: Node) -> list[Statement]:
    """Return what a sentence states, in the order of its words and in time linear in them.

    Args:
        words: the words of the sentence.
        root: the tree of rules, from `radtex.reports.label_rules.rule_tree`.
    """
    found = [*find_phrases(words, root)]
    reading = _Marks()
    for phrase, ahead in zip(found, look_ahead(found, len(words)), strict=True):
        reading.take_phrase(phrase, ahead)
    reading.end(len(words))
    return reading.statements


class _Marks(Reading):
    """A reading that knows what marks do."""

    def _take_mark(self, mark: Mark, phrase: Found, ahead: Outlook) -> None:
        self._between.append(mark)
        match mark.kind:
            case "comma" | "joining" | "choosing" | "dash" | "colon" | "opening" | "closing":
                self._take_boundary(mark.kind, ahead)
            case "accompanying" | "ending" | "turning":
                self._take_turn(mark.kind)
            case "linking":
                self._predicate = True
                self._organs.end_list()
            case "showing":
                self._predicate = True
                scope = self._scope
                if scope is not None and (scope.state is None or (scope.clearing and scope.named)):
                    self._scope = None
            case "locating" | "relating":
                self._take_preposition(mark.kind, phrase)
            case "seeing":
                self._take_seeing(ahead)
            case "excluding" | "excluded" | "barring" | "hindering" | "doubting" | "knowing":
                self._take_exclusion(mark.kind, phrase, ahead)
            case "comparing":
                self._compared = True
            case "nominal":
                if self._scope is not None and self._scope.span == phrase.span:
                    self._scope.nominal = True
            case "pairing":
                self._pair = len(self.statements)
            case "earlier":
                self._take_earlier(phrase, ahead)
            case "changing" | "changed" | "cleared" if self._affirms_pair():
                self._scope = None
            case kind:
                self._take_change(kind, phrase, ahead)

    def _affirms_pair(self) -> bool:
        """Let a change that "neither" denies affirm what has not changed, if there is any."""
        kinds = {mark.kind for mark in self._between}
        own = not kinds.isdisjoint({"linking", "showing"})
        if self._pair < 0 or not own or not kinds.isdisjoint({"comma", "dash", "seeing"}):
            return False
        pair = [said for said in self.statements[self._pair :] if said.state == 0]
        for statement in pair:
            statement.state, statement.cues = 1, ()
        return bool(pair)

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
        if self._predicate and ahead.newness == 3:
            self._list = []
        self._predicate = False
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
            case "portion":
                self._portion = True
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
        self._scope = None
        if not partial:
            self._begin_scope(0, phrase.span, clearing=True)

    def _take_cleared(self, phrase: Found, ahead: Outlook) -> None:
        scope = self._scope
        partial = self._partial or self._portion or ahead.partial
        self._partial = self._portion = False
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
        apart = kind == "barring" and scope is not None and scope.filled
        unsure = scope is not None and scope.state == -1 and not scope.named
        doubted = self._hindered or (self._fresh_denial and not apart) or unsure
        asked = Mark("asking") in self._previous.rules and self._previous.end == phrase.place
        if doubted:
            parts = self._held or self._list
            self._scope = None
            if parts and not (ahead.named and kind != "excluded"):
                reach_back(parts, -1, phrase.span)
            else:
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
