"""Texts as words and their n-grams, as BLEU and CIDEr-D count them."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Self

ORDERS = (1, 2, 3, 4)
TOKENISATION = "lower case; words, numbers (decimals whole) and marks of punctuation"

Gram = tuple[str, ...]

_TOKEN = re.compile(r"\d+(?:\.\d+)+|\w+|[^\w\s]")


def tokenize(text: str) -> list[str]:
    """Cut a text as `TOKENISATION` says."""
    return _TOKEN.findall(text.lower())


@dataclass(frozen=True)
class NGrams:
    """A text's number of tokens, and its counts of n-grams for each n of `ORDERS`."""

    length: int
    counts: tuple[Counter[Gram], ...]

    @classmethod
    def of(cls, text: str) -> Self:
        tokens = tokenize(text)
        return cls(
            len(tokens),
            tuple(Counter(zip(*(tokens[i:] for i in range(n)), strict=False)) for n in ORDERS),
        )
