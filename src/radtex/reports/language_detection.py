"""Which language a report is written in, by the words that it uses."""

import re
import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple, get_args

from radtex.reports.label_rules import Node, other_findings, rule_tree
from radtex.reports.spelling import known_form
from radtex.reports.word_files import word_file
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

_LISTENED_TO = 20_000
"""Words of a text that tell its language, those behind them being of the same one."""

_BITS = 32
"""Bits of a digit, enough to count the words of any text."""

_TALLIES = 5
"""Digits of each language, in the order of `_Counts`."""

_STRAY = 20
"""Words of a text for each that another language gives away, so that these count as strays."""


def find_language(words: Iterable[str]) -> str | None:
    """Return the language that most words belong to, in time linear in them.

    A language with rules must know more than half of the words of three letters and more (English
    half), or a quarter if one of them gives it away ("the", "sin", "kein"). A word with letters
    that the language is not written with counts twice. One that does not know a word that gives
    another away ("pas", "geen", "sem") is not it.

    Args:
        words: of a text, in lower case, of which the first 20,000 count; those that do not begin
            with a letter are passed over.

    Returns:
        One of `LANGUAGES`, or another language of `labels/languages.yaml`; of several that fit
        equally, the first. None where too few of the words are known in any of them.
    """
    number, longer, *digits = _digits(sum(map(_counted, islice(words, _LISTENED_TO))))
    fitting = {}
    for place, language in enumerate(_word_lists()):
        counts = _Counts(*digits[_TALLIES * place : _TALLIES * (place + 1)])
        named = counts.known or counts.known_longer
        if named and _fits(language, number, longer, counts):
            fitting[language] = counts
    return max(fitting, key=lambda at: fitting[at][:2], default=None)


class _Counts(NamedTuple):
    """How many words of a text say what of a language."""

    known: int
    """It has them."""
    known_longer: int
    """They are longer, and it has them or words that they may be slips for."""
    given_away: int
    """They tell of it."""
    barred: int
    """Its texts do not have them, as they give another away."""
    alien: int
    """It is not written with their letters."""


def _fits(language: str, number: int, longer: int, counts: _Counts) -> bool:
    """Tell whether a text of so many words, and so many longer ones, may be in a language."""
    if counts.barred * _STRAY > number:
        return False
    if language not in LANGUAGES:
        return counts.known >= max(_LEAST_NAMED * number, 1)
    if longer == 0:
        return counts.known > 0
    least = _LEAST_NAMED if counts.given_away else _LEAST_KNOWN
    strict = language != _TELEGRAPHIC and not counts.given_away
    return counts.known_longer >= least * (longer + counts.alien) + strict / 2


def _digits(packed: int) -> tuple[int, ...]:
    """Return the digits of a sum of `_counted`."""
    count = 2 + _TALLIES * len(_word_lists())
    return struct.unpack(f"<{count}I", packed.to_bytes(count * _BITS // 8, "little"))


@lru_cache(maxsize=1 << 16)
def _counted(word: str) -> int:
    """Return a number with a 1 in each digit that the word counts for.

    The digits are those of all words and of the longer ones, then for each language its `_Counts`,
    so that all are counted at once in a sum of numbers.
    """
    if not word[:1].isalpha():
        return 0
    long = len(word) > _SHORT or word == "no"
    places = [0, 1] if long else [0]
    if len(word) <= LONGEST:
        kin = _kinship(word)
        longer = (*kin.known, *kin.meant) if long else ()
        told = (kin.known, longer, kin.given_away, kin.barred, kin.alien)
        order = {language: 2 + _TALLIES * place for place, language in enumerate(_word_lists())}
        places += [order[name] + tally for tally, names in enumerate(told) for name in names]
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
    """All of them, also the telling ones, and in base forms."""
    letters: frozenset[str]
    """Letters beyond a to z, where they are restricted."""


def _kinship(word: str) -> _Kinship:
    word = unicodedata.normalize("NFC", re.split("['’´`]", word)[-1])
    plain = without_accents(word)
    lists = _word_lists()
    foreign = {letter for letter in word if not letter.isascii()}
    possible = [
        name for name, listed in lists.items() if not listed.letters or foreign <= listed.letters
    ]
    ruled_by = [ruled for ruled in LANGUAGES if _has_rules(word, ruled)]
    known = tuple(name for name in possible if plain in lists[name].words or name in ruled_by)
    meant = tuple(
        ruled
        for ruled in LANGUAGES
        if ruled in possible and ruled not in known and known_form(word, ruled) in _ruled(ruled)
    )
    telling = tuple(name for name in known if plain in lists[name].telling)
    # Spanish and German know "costale" as well, by its base form, but are not written so.
    own = [
        name
        for name in known
        if name in telling
        or name == "english"
        or plain in lists[name].words
        or (name in ruled_by and base_form(word, name) == plain)
    ]
    barred = tuple(name for name in lists if telling and name not in own)
    alien = tuple(name for name in lists if name not in possible)
    return _Kinship(known, meant, telling, barred, alien)


def _has_rules(word: str, language: Language) -> bool:
    form = base_form(word, language)
    return form in _ruled(language) or form in _word_lists()[language].words


@cache
def _word_lists() -> dict[str, _WordList]:
    lists = word_file("labels", "languages.yaml")
    forms = {
        ruled: {base_form(word, ruled) for word in lists[ruled]["words"]} for ruled in LANGUAGES
    }
    return {
        name: _WordList(
            frozenset(listed["telling"]),
            frozenset((*listed["telling"], *listed["words"])) | forms.get(name, set()),
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
