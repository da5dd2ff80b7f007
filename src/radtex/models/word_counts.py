"""The words of reports: how often each stands there, and in the reports of how many patients.

A tokenizer learns its pieces from words, and whoever has its file can read them. A word that stands
in the reports of a few patients alone may be a name, a number or a date.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Self

from tokenizers import normalizers, pre_tokenizers

NORMALIZER = normalizers.Sequence(
    [normalizers.NFKD(), normalizers.Lowercase(), normalizers.StripAccents()]
)
"""Lower case, compatibility-decomposed, without accents."""
CUTTER = pre_tokenizers.ByteLevel(add_prefix_space=True)
"""Cuts a text into words (letters, digits, or signs), and writes each byte as a letter."""
_SPACE = "Ġ"
"""How a space is written that belongs to the word behind it."""


@dataclass(frozen=True)
class WordCounts:
    """The words of some texts, as the tokenizer cuts and writes them."""

    occurrences: Mapping[str, int]
    """By word; with a space before it and without are two."""
    patients: Mapping[str, int]
    """By word without that space: in how many patients' texts it stands."""

    @classmethod
    def of_texts(cls, texts: Iterable[str], patients: Iterable[str]) -> Self:
        """Count.

        Args:
            texts: any number for each patient.
            patients: whose each text is.
        """
        cut = lru_cache(maxsize=1 << 16)(_cut)
        of_texts: Counter[str] = Counter()
        of_patients: Counter[str] = Counter()
        owned = sorted(zip(patients, texts, strict=True), key=itemgetter(0))
        for _, of_one in groupby(owned, key=itemgetter(0)):
            pieces: Counter[str] = Counter()
            for _, text in of_one:
                pieces.update(pieces_of(text))
            of_texts.update(pieces)
            of_patients.update({_bare(word) for piece in pieces for word in cut(piece)})
        occurrences: Counter[str] = Counter()
        for piece, count in of_texts.items():
            for word in cut(piece):
                occurrences[word] += count
        return cls(occurrences, of_patients)

    def of_at_least(self, patients: int) -> "WordCounts":
        """Return the words that stand in the texts of so many patients or more."""
        return WordCounts(
            {
                word: count
                for word, count in self.occurrences.items()
                if self.patients[_bare(word)] >= patients
            },
            {word: count for word, count in self.patients.items() if count >= patients},
        )

    @property
    def running(self) -> int:
        """How many words there are, each counted as often as it stands there."""
        return sum(self.occurrences.values())


def pieces_of(text: str) -> list[str]:
    """Normalise a text, and split it at its single spaces, behind which the cutter begins anew.

    Reports repeat their pieces, so most need not be cut again. A text with any other white space is
    one piece.
    """
    plain: str = NORMALIZER.normalize_str(text)
    pieces = plain.split()
    return pieces if pieces and " ".join(pieces) == plain else [plain]


def _cut(piece: str) -> tuple[str, ...]:
    return tuple(word for word, _ in CUTTER.pre_tokenize_str(piece))


def _bare(word: str) -> str:
    return word.lstrip(_SPACE)
