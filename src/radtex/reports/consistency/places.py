"""Which part of the chest the mentions of a sentence are about, and which denials are narrow."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain, groupby

from radtex.reports.labeling import Mention
from radtex.reports.word_files import word_file
from radtex.reports.word_forms import Language, base_form

_EVERYWHERE: frozenset[str] = frozenset()
_BOTH = frozenset({"left", "right"})
_SIGNS = {",", "(", ")", "-", "?", "¿"}
_NEAR = 4
"""Words before a mention in which a narrowing one is sought, where no cue stands further off."""


@dataclass(frozen=True)
class Place:
    """A part of the chest, as words name it."""

    sides: frozenset[str] = _EVERYWHERE
    """Of left and right; none where no side is named."""
    levels: frozenset[str] = _EVERYWHERE
    """Of upper, middle and lower; none where no level is named."""

    def __or__(self, other: "Place") -> "Place":
        """Name both."""
        return Place(self.sides | other.sides, self.levels | other.levels)

    def or_else(self, other: "Place | None") -> "Place":
        """Return the other one if this names nothing."""
        return other if other is not None and self == Place() else self

    def excludes(self, other: "Place") -> bool:
        """Tell whether a finding that is nowhere here cannot be there, at `other`.

        What is nowhere is not on the right. What is not on the left may be on the right, and so
        may be somewhere.
        """
        sides = not self.sides or self.sides == _BOTH or bool(self.sides & other.sides)
        return sides and (not self.levels or bool(self.levels & other.levels))


@dataclass(frozen=True)
class Reading:
    """What the words of a sentence say of one of its mentions."""

    place: Place
    """Where it is."""
    narrowed: bool
    """Whether it is of one kind only, such as a large or a new one."""


@dataclass(frozen=True)
class _Words:
    places: Mapping[str, Place]
    narrowing: frozenset[str]
    parting: frozenset[str]


def read_places(
    forms: Sequence[str], mentions: Sequence[Mention], language: Language
) -> list[Reading]:
    """Say of each mention of a sentence where it is, and whether it is narrowed.

    A word of place belongs to the mention that is nearest to it, between the same commas and
    brackets. A mention without one takes those of its neighbours there that have its state ("right
    effusion and atelectasis"), else those before the comma ("no left effusion, pneumothorax").

    Args:
        forms: of the words, in lower case.
        mentions: of the sentence, with places counted in words, in any order.
        language: of the sentence.
    """
    words = _words(language)
    known = [base_form(form, language) if form[0].isalpha() else form for form in forms]
    parts = [*accumulate(form in _SIGNS or form in words.parting for form in known)]
    own = _own_places(known, parts, mentions, words.places)
    where: dict[Mention, Place] = {}
    before: dict[int, Place] = {}
    ordered = sorted(mentions, key=lambda mention: mention.start)
    for _, group in groupby(ordered, key=lambda mention: parts[mention.start]):
        here = [*group]
        said: dict[int, Place] = {}
        for mention in here:
            said[mention.state] = said.get(mention.state, Place()) | own[_span(mention)]
        before = {state: place.or_else(before.get(state)) for state, place in said.items()}
        where |= {at: own[_span(at)].or_else(before[at.state]) for at in here}
    narrowing = [0, *accumulate(form in words.narrowing for form in known)]
    return [
        Reading(
            where[mention],
            narrowing[mention.end] > narrowing[_first_word(mention, parts)],
        )
        for mention in mentions
    ]


def _own_places(
    known: Sequence[str],
    parts: Sequence[int],
    mentions: Sequence[Mention],
    places: Mapping[str, Place],
) -> dict[tuple[int, int], Place]:
    """By the span of a mention, what the words of place say that it is nearest to."""
    spans = sorted({_span(mention) for mention in mentions})
    own = dict.fromkeys(spans, Place())
    for at, form in enumerate(known):
        if form in places:
            behind = bisect(spans, (at, len(known)))
            near = spans[max(behind - 1, 0) : behind + 1]
            near = [span for span in near if parts[span[0]] == parts[at]]
            if near:
                own[min(near, key=lambda span: _distance(span, at))] |= places[form]
    return own


def _span(mention: Mention) -> tuple[int, int]:
    return mention.start, mention.end


def _distance(span: tuple[int, int], at: int) -> int:
    """Words between; of equals, an adjective's noun comes after it."""
    return 2 * (span[0] - at) - 1 if at < span[0] else 2 * max(at - span[1] + 1, 0)


def _first_word(mention: Mention, parts: Sequence[int]) -> int:
    """The first word of what is said of a mention: of its cue, or a few words before it."""
    start = mention.start
    while start and parts[start - 1] == parts[start] and mention.start - start < _NEAR:
        start -= 1
    return min([start, *(cue.start for cue in mention.cues)])


@cache
def _words(language: Language) -> _Words:
    lists = word_file("labels", language, "places.yaml")
    places: dict[str, Place] = {}
    for side, names in lists["sides"].items():
        sides = _BOTH if side == "both" else frozenset({side})
        for name in names:
            form = base_form(name, language)
            places[form] = places.get(form, Place()) | Place(sides)
    for level, names in lists["levels"].items():
        for name in names:
            form = base_form(name, language)
            places[form] = places.get(form, Place()) | Place(levels=frozenset({level}))
    narrowing = chain.from_iterable(lists["narrowing"])
    return _Words(
        places,
        frozenset(base_form(name, language) for name in narrowing),
        frozenset(base_form(name, language) for name in lists["parting"]),
    )
