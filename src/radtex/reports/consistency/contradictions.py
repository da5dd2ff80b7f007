"""Findings that a report both affirms and denies, as the labeler reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from radtex.findings import NO_FINDING, SUPPORT_DEVICES
from radtex.reports.consistency.places import Place, read_places
from radtex.reports.label_rules import ABNORMALITY
from radtex.reports.label_sentences import Sentence
from radtex.reports.labeling import Mention, read_report, sentence_mentions
from radtex.reports.sections import Span
from radtex.reports.word_forms import Language, base_form

_KINDS = frozenset({SUPPORT_DEVICES, "Lung Opacity", "Lung Lesion", "Pleural Other", "Fracture"})
"""Labels of several things: a report may say that a tube is there and a wire is not."""

_REMEMBERED = 40
"""Words of a sentence whose claims are kept, at most: reports repeat their sentences."""


@dataclass(frozen=True)
class Contradiction:
    """A finding that a report both affirms and denies."""

    label: str
    """The finding, one of `radtex.findings.CHEXPERT_LABELS`."""
    affirmed: Span
    """Where the words stand that say it is present, in `parse_report(text).text`."""
    denied: Span
    """Where the words stand that say it is absent."""


@dataclass(frozen=True)
class _Claim:
    """What a mention claims; the same of two mentions that claim the same."""

    label: str
    state: int
    place: Place
    thing: tuple[str, ...]
    """The words, where the label is of several things; none where all of them are denied."""


def find_contradictions(text: str, language: Language | None = None) -> list[Contradiction]:
    """Return the findings that a report both affirms and denies, each once.

    Both count as the labeler reads them (see `radtex.reports.find_mentions`), with these limits:

    - Sides and levels are respected. "Right effusion. No left effusion" agree; "no effusion" denies
      both sides, and "effusion" affirms neither.
    - Who denies a kind of a finding leaves room for others: "no large effusion", "no new opacity".
    - Of the labels that stand for several things (devices, opacities, lesions, fractures, other
      pleural findings) the words must be the same: "no infiltrate" leaves room for an opacity. But
      clear lungs have neither.
    - What is uncertain contradicts nothing, and neither do an addendum and what it amends. "No
      Finding" is no finding.

    Time is linear in the text.

    Args:
        text: as in `find_mentions`.
        language: of the text; found by its words if None.
    """
    statements, known = read_report(text, language)
    if known is None:
        return []
    found: dict[str, Contradiction] = {}
    for sentences in statements:
        for contradiction in _in_statement(sentences, known):
            found.setdefault(contradiction.label, contradiction)
    return [*found.values()]


def _in_statement(sentences: Iterable[Sentence], language: Language) -> Iterable[Contradiction]:
    seen: dict[str, dict[_Claim, Span]] = {}
    for sentence in sentences:
        claims = _claims(sentence.forms, language)
        words = sentence.words if claims else []
        for claim, start, end in claims:
            others = seen.setdefault(claim.label, {})
            if claim in others:
                continue
            span = Span(words[start].start, words[end - 1].end)
            for other, there in others.items():
                if _contradict(claim, other):
                    affirmed, denied = (span, there) if claim.state == 1 else (there, span)
                    yield Contradiction(claim.label, affirmed, denied)
                    break
            others[claim] = span


def _contradict(one: _Claim, other: _Claim) -> bool:
    affirmed, denied = (one, other) if one.state == 1 else (other, one)
    return (
        affirmed.state == 1
        and denied.state == 0
        and denied.thing in ((), affirmed.thing)
        and denied.place.excludes(affirmed.place)
    )


def _claims(forms: tuple[str, ...], language: Language) -> tuple[tuple[_Claim, int, int], ...]:
    """What a sentence affirms and denies outright, and where, counted in words."""
    return (_remembered if len(forms) <= _REMEMBERED else _find_claims)(forms, language)


def _find_claims(forms: tuple[str, ...], language: Language) -> tuple[tuple[_Claim, int, int], ...]:
    mentions = [
        mention
        for mention in sentence_mentions(forms, language)
        if mention.label not in (ABNORMALITY, NO_FINDING)
    ]
    readings = read_places(forms, mentions, language)
    return tuple(
        (
            _Claim(mention.label, mention.state, reading.place, _thing(mention, forms, language)),
            mention.start,
            mention.end,
        )
        for mention, reading in zip(mentions, readings, strict=True)
        if mention.state == 1 or (mention.state == 0 and not reading.narrowed)
    )


_remembered = lru_cache(maxsize=1 << 13)(_find_claims)


def _thing(mention: Mention, forms: tuple[str, ...], language: Language) -> tuple[str, ...]:
    clear = mention.label == "Lung Opacity" and mention.state == 0 and not mention.cues
    if clear or mention.label not in _KINDS:
        return ()
    return tuple(base_form(form, language) for form in forms[mention.start : mention.end])
