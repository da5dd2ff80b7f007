"""CIDEr-D (Vedantam and others 2015, CVPR): n-grams that agree, weighted by how rare they are."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from radtex.scoring.ngrams import ORDERS, TOKENISATION, TOKENS, Gram, NGrams
from radtex.scoring.text_score import MeanScore

SIGMA = 6.0
"""Tokens by which lengths may differ before the score falls much."""


class CiderD(MeanScore):
    """CIDEr-D, the mean over reports; n-grams are rare or common among the references."""

    names = ("CIDEr-D",)
    compares = "words"
    definition = TOKENS
    settings: ClassVar = {"tokenisation": TOKENISATION}
    column = "cider_d"

    def of_reports(self, texts: Sequence[str], references: Sequence[str]) -> Sequence[float]:
        """CIDEr-D of each report, 0 to 10."""
        known = [NGrams.of(text) for text in references]
        rarity = InverseFrequencies(known)
        return [
            cider_d(NGrams.of(text), reference, rarity)
            for text, reference in zip(texts, known, strict=True)
        ]


class InverseFrequencies:
    """How rare n-grams are among reports: log(reports / reports that have it).

    An n-gram that none has counts as if one had it.

    Args:
        reports: the n-grams of each.
    """

    def __init__(self, reports: Sequence[NGrams]) -> None:
        having = Counter(gram for report in reports for counts in report.counts for gram in counts)
        self._unseen = math.log(len(reports))
        self._weights = {gram: self._unseen - math.log(count) for gram, count in having.items()}

    def weigh(self, counts: Counter[Gram]) -> dict[Gram, float]:
        """Weigh counts by rarity."""
        return {
            gram: count * self._weights.get(gram, self._unseen) for gram, count in counts.items()
        }


def cider_d(text: NGrams, reference: NGrams, rarity: InverseFrequencies) -> float:
    """CIDEr-D of one report with one reference, 0 to 10.

    The mean over n = 1 to 4 of the cosine of the weighted counts, those of the text clipped at
    those of the reference, times ten and ``exp(−(difference in tokens)² / (2 SIGMA²))``.

    Args:
        text: of the written report.
        reference: of its reference.
        rarity: taken over the references of the whole set.
    """
    closeness = sum(
        _clipped_cosine(rarity.weigh(written), rarity.weigh(known))
        for written, known in zip(text.counts, reference.counts, strict=True)
    ) / len(ORDERS)
    return 10 * closeness * math.exp(-((text.length - reference.length) ** 2) / (2 * SIGMA**2))


def norm(vector: dict[Gram, float]) -> float:
    """Euclidean length."""
    return math.sqrt(sum(value * value for value in vector.values()))


def _clipped_cosine(written: dict[Gram, float], known: dict[Gram, float]) -> float:
    product = sum(
        min(value, known[gram]) * known[gram] for gram, value in written.items() if gram in known
    )
    return product / (norm(written) * norm(known)) if product else 0.0
