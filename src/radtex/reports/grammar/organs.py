"""Which organs of a sentence a quality is said of: "the heart is mildly enlarged"."""

from collections import deque
from typing import Generic, NamedTuple, TypeVar

from radtex.reports.grammar.rule_phrases import Found
from radtex.reports.label_rules import Claims, Organ, Quality
from radtex.reports.sections import Span

_NEAR = 4
"""Words from a quality to an organ behind it, at most: "blunting of the left sulcus"."""

_LISTED = 6
"""Organs that one quality is said of, at most."""

Scope = TypeVar("Scope")
"""What reaches a quality."""


class Said(NamedTuple):
    """A quality that is said of an organ."""

    claims: Claims
    """What the quality claims."""
    span: Span
    """Where organ and quality stand."""


class OrgansRead(Generic[Scope]):
    """The organs and qualities of a sentence, as far as it has been read."""

    def __init__(self) -> None:
        self._organs: deque[tuple[Organ, Span]] = deque(maxlen=_LISTED)
        """What a quality behind it is said of."""
        self._complete = False
        """Whether a verb or a quality came since, so that another organ begins a new list."""
        self._described = False
        """Whether a quality came since, so that a comma parts further ones from them."""
        self._waiting: tuple[Quality, Found, Scope] | None = None
        """A quality that waits for its organ."""

    def take_organ(self, organ: Organ, phrase: Found) -> tuple[Said, Scope] | None:
        """Read an organ; return what a quality before it says, and what reached that quality."""
        if self._waiting is not None:
            quality, said, scope = self._waiting
            self._waiting = None
            if phrase.place - said.place <= _NEAR and quality.phrase in organ.claims:
                span = Span(said.span.start, phrase.span.end)
                return Said(organ.claims[quality.phrase], span), scope
        if self._complete:
            self._organs.clear()
            self._complete = self._described = False
        self._organs.append((organ, phrase.span))
        return None

    def take_quality(self, quality: Quality, phrase: Found, scope: Scope) -> list[Said]:
        """Read a quality; return what it says of the organs before it."""
        described = [at for at in self._organs if quality.phrase in at[0].claims]
        if not described:
            self._waiting = (quality, phrase, scope)
            return []
        self._complete = self._described = True
        return [
            Said(organ.claims[quality.phrase], Span(span.start, phrase.span.end))
            for organ, span in described
        ]

    def end_quality(self) -> None:
        """Read what parts a quality from an organ behind it."""
        self._waiting = None

    def end_list(self) -> None:
        """Read a verb, which ends the list of organs."""
        self._complete = True

    def end_clause(self) -> None:
        """Read what parts further qualities from organs that have had theirs."""
        if self._described:
            self._organs.clear()
