"""Which language a report is written in, by the words that it uses."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple, get_args

import yaml

from radtex.reports.label_rules import Node, other_findings, rule_tree
from radtex.reports.spelling import known_form
from radtex.reports.word_forms import LONGEST, Language, base_form, without_accents

LANGUAGES: tuple[Language, ...] = get_args(Language)
"""Languages that have rules."""

_LEAST_KNOWN = 0.5
"""Share of a text's longer words that must be words of a language that is read."""

_LEAST_NAMED = 0.25
"""The same of a text that has a word that gives the language away, and of all words of a text whose
language is only named."""

_TELEGRAPHIC: Language = "english"
"""The language of which exactly half of the words suffice: "Intercostal drain."."""

_SHORT = 2
"""Letters of the longest word that is too short to be asked for, except "no"."""

_STRAY = 20
"""Words of a text for each that another language gives away, so that these count as strays."""


def find_language(words: Iterable[str]) -> str | None:
    """Return the language that most words belong to, in time linear in them.

    A language with rules must know more than half of the words of three letters and more (English
    half), or a quarter if one of them gives it away ("the", "sin", "kein"). A word with letters
    that the language is not written with counts twice. One that does not know a word that gives
    another away ("pas", "geen", "sem") is not it.

    Args:
        words: of a text, in lower case.

    Returns:
        One of `LANGUAGES`, or another language of `labels/languages.yaml`; of several that fit
        equally, the first. None where too few of the words are known in any of them.
    """
    number = longer = 0
    known: Counter[str] = Counter()
    known_longer: Counter[str] = Counter()
    given_away: Counter[str] = Counter()
    barred: Counter[str] = Counter()
    alien: Counter[str] = Counter()
    for word, count in Counter(words).items():
        number += count
        long = len(word) > _SHORT or word == "no"
        longer += long * count
        if len(word) <= LONGEST:
            kin = _kinship(word)
            known.update(dict.fromkeys(kin.known, count))
            given_away.update(dict.fromkeys(kin.given_away, count))
            barred.update(dict.fromkeys(kin.barred, count))
            alien.update(dict.fromkeys(kin.alien, count))
            if long:
                known_longer.update(dict.fromkeys((*kin.known, *kin.meant), count))

    def fits(language: str) -> bool:
        if barred[language] * _STRAY > number:
            return False
        if language not in LANGUAGES:
            return known[language] >= max(_LEAST_NAMED * number, 1)
        least = _LEAST_NAMED if given_away[language] else _LEAST_KNOWN
        if longer == 0:
            return known[language] > 0
        strict = language != _TELEGRAPHIC and not given_away[language]
        return known_longer[language] >= least * (longer + alien[language]) + strict / 2

    fitting = [language for language in _word_lists() if fits(language)]
    return max(fitting, key=lambda at: (known[at], known_longer[at]), default=None)


class _Kinship(NamedTuple):
    """What a word says of the language of its text."""

    known: tuple[str, ...]
    """Languages that have it."""
    meant: tuple[str, ...]
    """Languages that have a word that it may be a slip for."""
    given_away: tuple[str, ...]
    """Languages of which it tells."""
    barred: tuple[str, ...]
    """Languages whose texts do not have it, as it gives another away."""
    alien: tuple[str, ...]
    """Languages that are not written with its letters."""


@dataclass(frozen=True)
class _WordList:
    """The words of a language in `languages.yaml`."""

    telling: frozenset[str]
    words: frozenset[str]
    """All of them, also in base forms."""
    letters: frozenset[str]
    """Letters beyond a to z, where they are restricted."""


@lru_cache(maxsize=1 << 16)
def _kinship(word: str) -> _Kinship:
    word = unicodedata.normalize("NFC", re.split("['’´`]", word)[-1])
    plain = without_accents(word)
    lists = _word_lists()
    possible = [
        name
        for name, listed in lists.items()
        if not listed.letters or all(at.isascii() or at in listed.letters for at in word)
    ]
    known = tuple(name for name in possible if _knows(name, word, plain))
    meant = tuple(
        ruled
        for ruled in LANGUAGES
        if ruled in possible and ruled not in known and known_form(word, ruled) in _ruled(ruled)
    )
    telling = tuple(name for name in known if plain in lists[name].telling)
    barred = tuple(name for name in lists if telling and name not in known)
    alien = tuple(name for name in lists if name not in possible)
    return _Kinship(known, meant, telling, barred, alien)


def _knows(language: str, word: str, plain: str) -> bool:
    listed = _word_lists()[language]
    return (
        plain in listed.telling
        or plain in listed.words
        or any(language == ruled and _has_rules(word, ruled) for ruled in LANGUAGES)
    )


def _has_rules(word: str, language: Language) -> bool:
    form = base_form(word, language)
    return form in _ruled(language) or form in _word_lists()[language].words


@cache
def _word_lists() -> dict[str, _WordList]:
    path = files("radtex.reports") / "labels" / "languages.yaml"
    lists = yaml.safe_load(path.read_text(encoding="utf-8"))
    forms = {
        ruled: {base_form(word, ruled) for word in lists[ruled]["words"]} for ruled in LANGUAGES
    }
    return {
        name: _WordList(
            frozenset(listed["telling"]),
            frozenset(listed["words"]) | forms.get(name, set()),
            frozenset(listed.get("letters", "")),
        )
        for name, listed in lists.items()
    }


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
