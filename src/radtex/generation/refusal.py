"""Which texts a report must not be: those that contradict themselves, or a head by far."""

from collections.abc import Collection
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from radtex.findings import CHEXPERT_LABELS, NO_FINDING
from radtex.models.tokenizer import Tokenizer
from radtex.reports import LANGUAGES, Language, label_report, likely_language
from radtex.reports.consistency.contradictions import find_contradictions

_STOPS = ".;!?\n"


@lru_cache(maxsize=4)
def sentence_ends(tokenizer: Tokenizer) -> Collection[int]:
    """Return the tokens that end a sentence."""
    pieces = tokenizer.pieces(range(len(tokenizer)))
    return frozenset(
        token for token, piece in enumerate(pieces) if any(stop in piece for stop in _STOPS)
    )


@lru_cache(maxsize=4)
def written_language(tokenizer: Tokenizer) -> Language | None:
    """Return the language that a tokenizer was trained on, None if there are no rules for it."""
    words = (piece.strip() for piece in tokenizer.pieces(range(len(tokenizer))))
    found = likely_language(" ".join(word for word in words if len(word) > 1 and word.isalpha()))
    return next((known for known in LANGUAGES if known == found), None)


@lru_cache(maxsize=1 << 13)
def _contradicts_itself(text: str, language: Language | None) -> bool:
    """Remembered, since many reports begin alike."""
    return bool(find_contradictions(text, language))


class Refusal:
    """Refuses texts of the films of one batch."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        language: Language | None,
        leanings: NDArray[np.float64] | None = None,
        margin: float | None = None,
    ) -> None:
        """Say what is refused.

        Args:
            tokenizer: of the run.
            language: of the texts; found by the words of each if None.
            leanings: of a head, (B, 14).
            margin: how far a head may lean to the other side; None asks no head.
        """
        self._tokenizer, self._language = tokenizer, language
        self._leanings, self._margin = leanings, margin

    def __call__(self, film: int, tokens: tuple[int, ...]) -> bool:
        """Tell whether a text of a film, by its number in the batch, is refused."""
        text = self._tokenizer.decode(tokens)
        return _contradicts_itself(text, self._language) or self._is_far(film, text)

    def _is_far(self, film: int, text: str) -> bool:
        if self._leanings is None or self._margin is None:
            return False
        leanings = self._leanings[film]
        stated = label_report(text, self._language)
        return any(
            (stated[label] == 1 and leaning < -self._margin)
            or (stated[label] == 0 and leaning > self._margin)
            for label, leaning in zip(CHEXPERT_LABELS, leanings, strict=True)
            if label != NO_FINDING
        )
