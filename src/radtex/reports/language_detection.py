"""Which language a report is written in, by the words that it uses."""

import re
import unicodedata
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

_BITS = 32
"""Bits of a digit, enough to count the words of any text."""

_TALLIES = 5
"""Digits of each language."""

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
    counts = _Counts(sum(map(_counted, words)))

    def fits(language: str) -> bool:
        if counts.barred(language) * _STRAY > counts.number:
            return False
        if language not in LANGUAGES:
            return counts.known(language) >= max(_LEAST_NAMED * counts.number, 1)
        least = _LEAST_NAMED if counts.given_away(language) else _LEAST_KNOWN
        if counts.longer == 0:
            return counts.known(language) > 0
        asked = least * (counts.longer + counts.alien(language))
        strict = language != _TELEGRAPHIC and not counts.given_away(language)
        return counts.known_longer(language) >= asked + strict / 2

    fitting = [language for language in _word_lists() if fits(language)]
    return max(fitting, key=lambda at: (counts.known(at), counts.known_longer(at)), default=None)


class _Counts:
    """How many words of a text say what, all counted at once in the digits of one number."""

    def __init__(self, packed: int) -> None:
        """Take the sum of `_counted` over the words."""
        self._packed = packed

    @property
    def number(self) -> int:
        return self._digit(0)

    @property
    def longer(self) -> int:
        return self._digit(1)

    def known(self, language: str) -> int:
        return self._of(language, 0)

    def known_longer(self, language: str) -> int:
        return self._of(language, 1)

    def given_away(self, language: str) -> int:
        return self._of(language, 2)

    def barred(self, language: str) -> int:
        return self._of(language, 3)

    def alien(self, language: str) -> int:
        return self._of(language, 4)

    def _of(self, language: str, tally: int) -> int:
        return self._digit(_place(language, tally))

    def _digit(self, place: int) -> int:
        return self._packed >> (_BITS * place) & (1 << _BITS) - 1


def _place(language: str, tally: int) -> int:
    return 2 + _TALLIES * _order()[language] + tally


@cache
def _order() -> dict[str, int]:
    return {language: place for place, language in enumerate(_word_lists())}


@lru_cache(maxsize=1 << 16)
def _counted(word: str) -> int:
    """Return a number with a 1 in each digit that the word counts for."""
    long = len(word) > _SHORT or word == "no"
    places = [0, 1] if long else [0]
    if len(word) <= LONGEST:
        kin = _kinship(word)
        told = (
            kin.known,
            (*kin.known, *kin.meant) if long else (),
            kin.given_away,
            kin.barred,
            kin.alien,
        )
        places += [
            _place(language, tally) for tally, names in enumerate(told) for language in names
        ]
    return sum(1 << (_BITS * place) for place in places)


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
