"""BLEU with one reference (Papineni and others 2002, ACL), as sacrebleu defines it, from 0 to 1."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from radtex.scoring.ngrams import ORDERS, TOKENISATION, TOKENS, NGrams
from radtex.scoring.text_score import TextScore


class Bleu(TextScore):
    """BLEU-1 to BLEU-4: not smoothed for a set, smoothed for a single report."""

    names = tuple(f"BLEU-{order}" for order in ORDERS)
    compares = "words"
    definition = TOKENS
    settings: ClassVar = {"tokenisation": TOKENISATION}

    def statistics(
        self, systems: Mapping[str, Sequence[str]], references: Sequence[str]
    ) -> Mapping[str, NDArray[np.float64]]:
        """Count tokens and n-grams: (N, K) by system; see `bleu_statistics`."""
        known = [NGrams.of(text) for text in references]
        return {
            system: np.array(
                [
                    bleu_statistics(NGrams.of(text), reference)
                    for text, reference in zip(texts, known, strict=True)
                ],
                dtype=np.float64,
            )
            for system, texts in systems.items()
        }

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """BLEU of whole sets: (…, K) → (…, 4)."""
        return np.stack([bleu(sums, order) for order in ORDERS], axis=-1)

    def columns(self, statistics: NDArray[np.float64]) -> Mapping[str, NDArray[np.generic]]:
        """BLEU of each report."""
        return {f"bleu_{order}": report_bleu(statistics, order) for order in ORDERS}


def bleu_statistics(text: NGrams, reference: NGrams) -> list[int]:
    """Count what BLEU is made of, additive over reports.

    Tokens of the text, tokens of the reference, n-grams that match for each n of 1 to 4, n-grams
    of the text for each n. An n-gram matches at most as often as the reference has it.
    """
    matches = [
        sum(min(count, known[gram]) for gram, count in written.items() if gram in known)
        for written, known in zip(text.counts, reference.counts, strict=True)
    ]
    return [
        text.length,
        reference.length,
        *matches,
        *(max(text.length - n + 1, 0) for n in ORDERS),
    ]


def bleu(statistics: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """BLEU-`order` of summed statistics (…, K) → (…); not smoothed."""
    matches, totals = _counts(statistics, order)
    precision = matches / np.maximum(totals, 1)
    with np.errstate(divide="ignore"):
        geometric = np.exp(np.log(precision).mean(-1))
    return np.asarray(geometric * _brevity(statistics))


def report_bleu(statistics: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """BLEU-`order` of single reports, smoothed: (N, K) → (N,).

    The k-th precision without a match counts as one match over 2ᵏ times its n-grams (the smoothing
    of NIST, sacrebleu's "exp"), and orders longer than the text are left out.
    """
    matches, totals = _counts(statistics, order)
    unmatched = (matches == 0).cumsum(-1)
    precision = np.where(matches > 0, matches, 0.5**unmatched) / np.maximum(totals, 1)
    counted = totals > 0
    logs = np.where(counted, np.log(precision), 0).sum(-1) / np.maximum(counted.sum(-1), 1)
    return np.where(matches.any(-1), np.exp(logs) * _brevity(statistics), 0)


def _counts(
    statistics: NDArray[np.float64], order: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    totals = 2 + len(ORDERS)
    return statistics[..., 2 : 2 + order], statistics[..., totals : totals + order]


def _brevity(statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    written, known = statistics[..., 0], statistics[..., 1]
    return np.where(written > 0, np.exp(np.minimum(0, 1 - known / np.maximum(written, 1))), 0)
