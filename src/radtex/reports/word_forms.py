"""The base forms of words: how the labeler's rules know them, in each of their languages."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

Language = Literal["english"]
"""Languages that have rules, each in a folder of its name in `labels/`."""


@lru_cache(maxsize=1 << 16)
def base_form(word: str, language: Language) -> str:
    """Return the form of a lower-case word that the rules of a language know it by.

    A base form is its own: taking it twice changes nothing.
    """
    return _FORMS[language](word)


def singular(word: str) -> str:
    """Return an English word without the s of a plural or of a verb: "opacity", "show"."""
    if len(word) < 4 or word[-1] != "s" or word[-2] in "siu":
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith("sses") else word[:-1]


_FORMS: Mapping[Language, Callable[[str], str]] = {"english": singular}
