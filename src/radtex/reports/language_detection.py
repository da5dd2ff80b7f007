"""Which language a report is written in, by the words that it uses."""

from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import get_args

import yaml

from radtex.reports.label_rules import Node, other_findings, rule_tree
from radtex.reports.word_forms import LONGEST, Language, base_form, without_accents

LANGUAGES: tuple[Language, ...] = get_args(Language)
"""Languages that have rules."""

_LEAST_KNOWN = 0.25
"""Share of a text's words that must be words of its language."""


def find_language(words: Iterable[str]) -> str | None:
    """Return the language that most words belong to, in time linear in them.

    Args:
        words: of a text, in lower case.

    Returns:
        One of `LANGUAGES`, or another language of `labels/languages.yaml`; of several that fit
        equally, the first. None where too few of the words are known in any of them.
    """
    counts = Counter(_languages_of(word) if len(word) <= LONGEST else () for word in words)
    number = counts.total()
    known: Counter[str] = Counter()
    for languages, count in counts.items():
        known.update(dict.fromkeys(languages, count))
    if not known:
        return None
    best = max(_word_lists(), key=lambda language: known[language])
    return best if known[best] >= _LEAST_KNOWN * number else None


@lru_cache(maxsize=1 << 16)
def _languages_of(word: str) -> tuple[str, ...]:
    plain = without_accents(word)
    return tuple(
        language
        for language, listed in _word_lists().items()
        if plain in listed
        or any(language == ruled and _has_rules(word, ruled) for ruled in LANGUAGES)
    )


def _has_rules(word: str, language: Language) -> bool:
    return base_form(word, language) in _ruled(language)


@cache
def _word_lists() -> dict[str, frozenset[str]]:
    path = files("radtex.reports") / "labels" / "languages.yaml"
    lists = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {language: frozenset(words) for language, words in lists.items()}


@cache
def _ruled(language: Language) -> frozenset[str]:
    """Return every word of a language's rules."""
    words = set(other_findings(language))
    nodes: list[Node] = [rule_tree(language)]
    while nodes:
        following = nodes.pop().following
        words.update(following)
        nodes += following.values()
    return frozenset(word for word in words if word[0].isalpha())
