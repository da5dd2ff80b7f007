"""Which words of a report are denied, as the labeler reads it."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate, chain

from radtex.reports.grammar.scopes import read_sentence
from radtex.reports.label_rules import rule_tree
from radtex.reports.label_sentences import in_base_forms
from radtex.reports.labeling import read_report
from radtex.reports.sections import Span
from radtex.reports.word_forms import Language

_REMEMBERED = 40
"""Words of a sentence whose denials are kept, at most: reports repeat their sentences."""


def denied_words(text: str, language: Language | None = None) -> list[Span]:
    """Return where the denied words of a report stand, in order and in time linear in the text.

    Denied are the words that name an observation, disease or organ which `label_report` reads as
    absent because of a cue, and all words between them and that cue: in "no large effusion, edema
    is seen" these are "large effusion, edema". Cues are not denied themselves, and numbers and
    signs never are. A text in a language without rules denies nothing.

    Args:
        text: as in `radtex.reports.find_mentions`, which says what the places are counted in.
        language: of the text; found by its words if None.
    """
    statements, known = read_report(text, language)
    if known is None:
        return []
    denied = []
    for sentence in chain.from_iterable(statements):
        places = _places(sentence.forms, known)
        words = sentence.words if places else []
        denied += [Span(words[place].start, words[place].end) for place in places]
    return sorted(denied)


def _places(forms: tuple[str, ...], language: Language) -> tuple[int, ...]:
    """Return the numbers of the denied words of a sentence."""
    return (_remembered if len(forms) <= _REMEMBERED else _find_places)(forms, language)


def _find_places(forms: tuple[str, ...], language: Language) -> tuple[int, ...]:
    statements = read_sentence(in_base_forms(forms, language), rule_tree(language))
    denied = [each for each in statements if each.state == 0 and each.cues]
    cues = [cue for each in denied for cue in each.cues]
    reached = [
        Span(min(cue.start, each.span.start), max(cue.end, each.span.end))
        for each in denied
        for cue in each.cues
    ]
    kept = [*cues, *(each.span for each in statements if each.state != 0)]
    inside, outside = _covered(reached, len(forms)), _covered(kept, len(forms))
    return tuple(
        place
        for place, form in enumerate(forms)
        if inside[place] and not outside[place] and form[0].isalpha()
    )


_remembered = lru_cache(maxsize=1 << 13)(_find_places)


def _covered(spans: Iterable[Span], length: int) -> list[int]:
    """Count the spans that cover each of so many places, in time linear in both."""
    steps = [0] * (length + 1)
    for start, end in spans:
        steps[start] += 1
        steps[end] -= 1
    return [*accumulate(steps)][:length]
