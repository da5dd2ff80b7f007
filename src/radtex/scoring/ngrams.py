"""Texts as words and their n-grams, as BLEU and CIDEr-D count them."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Self

ORDERS = (1, 2, 3, 4)
"""The lengths n of the n-grams that are counted."""
TOKENISATION = "lower case; words, numbers (decimals whole) and marks of punctuation"
"""How texts are cut."""
TOKENS = f"Tokens of BLEU and CIDEr-D: {TOKENISATION}."
"""The same as a note."""

Gram = tuple[str, ...]
"""The tokens of an n-gram."""

_TOKEN = re.compile(r"\d+(?:\.\d+)+|\w+|[^\w\s]")


def tokenize(text: str) -> list[str]:
    """Cut a text as `TOKENISATION` says."""
    return _TOKEN.findall(text.lower())


@dataclass(frozen=True)
class NGrams:
    """The n-grams of a text."""

    length: int
    """Number of tokens."""
    counts: tuple[Counter[Gram], ...]
    """How often it has each n-gram, for each n of `ORDERS`."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Count those of a text."""
        tokens = tokenize(text)
        return cls(
            len(tokens),
            tuple(Counter(zip(*(tokens[i:] for i in range(n)), strict=False)) for n in ORDERS),
        )
