"""The base forms of words: how the labeler's rules know them, in each of their languages."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from radtex.reports.word_files import word_file

Language = Literal["english", "spanish", "german"]
"""Languages that have rules, each in a folder of its name in `labels/`."""

LONGEST = 60
"""Letters of the longest word whose form is sought."""

_SHORTEST = 4
"""Letters that an ending leaves, at least."""

_SHORTEST_MODIFIER = 3
"""Letters before the head of a compound, at least."""

_SPANISH_ENDING = re.compile(
    r"(?:aciones|acion|mente|idades|idad|id|ad[oa]s?|id[oa]s?|iv[oa]s?|ic[oa]s?|ic|ares|ar|eres|er|ir"
    r"|ando|iendo|an|en|[oae]s?|s)$"
)
_GERMAN_ENDING = re.compile(r"(?:e[nrsm]?|n|(?<!s)s)$")
_GERMAN_LETTERS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}


@lru_cache(maxsize=1 << 16)
def base_form(word: str, language: Language) -> str:
    """Return the form of a lower-case word that the rules of a language know it by.

    A base form is its own: taking it twice changes nothing.

    Returns:
        The form; "" for an article or the like, which the rules take no notice of.
    """
    return _FORMS[language](word) if len(word) <= LONGEST else word


def singular(word: str) -> str:
    """Return an English word without the s of a plural or of a verb: "opacity", "show"."""
    if len(word) < 4 or word[-1] != "s" or word[-2] in "siu":
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith("sses") else word[:-1]


def spanish_stem(word: str) -> str:
    """Return a Spanish word without accents and endings: "atelectasi", "derram", "infiltr".

    A word that was cut to a stem before, as in PadChest's reports, has the same base form.
    """
    lists = _lists("spanish")
    plain = without_accents(word)
    if plain in lists.dropped:
        return ""
    while plain not in lists.kept and (ending := _SPANISH_ENDING.search(plain, _SHORTEST)):
        shorter = plain[: ending.start()]
        if shorter in lists.dropped:
            break
        plain = shorter
    return plain


def german_head(word: str) -> str:
    """Return a German word without ending, a compound as its head: "erguss" of "Pleuraergüsse"."""
    lists = _lists("german")
    plain = without_accents("".join(_GERMAN_LETTERS.get(letter, letter) for letter in word))
    if plain in lists.dropped:
        return ""
    while plain not in lists.kept:
        if head := _head(plain, lists):
            return head
        shorter = _GERMAN_ENDING.sub("", plain)
        if len(shorter) < _SHORTEST or shorter == plain or shorter in lists.dropped:
            break
        plain = shorter
    return plain


def _head(word: str, lists: "_Lists") -> str:
    """Return the longest head that a compound ends with, behind a word of its own, or ""."""
    longest = max(0, len(word) - lists.longest_head)
    starts = (at for at in range(longest, len(word)) if at == 0 or at >= _SHORTEST_MODIFIER)
    return next((word[start:] for start in starts if word[start:] in lists.heads), "")


@dataclass(frozen=True)
class _Lists:
    """The words of a language's `forms.yaml`."""

    dropped: frozenset[str]
    kept: frozenset[str]
    heads: frozenset[str]
    longest_head: int


@cache
def _lists(language: Language) -> _Lists:
    words = word_file("labels", language, "forms.yaml")
    heads = frozenset(words.get("heads", ()))
    return _Lists(
        frozenset(words["dropped"]),
        frozenset(words["kept"]),
        heads,
        max(map(len, heads), default=0),
    )


def without_accents(word: str) -> str:
    """Return a word without accents and other marks on its letters."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


_FORMS: Mapping[Language, Callable[[str], str]] = {
    "english": singular,
    "spanish": spanish_stem,
    "german": german_head,
}
