"""BLEU with one reference (Papineni and others 2002, ACL), as sacrebleu defines it, from 0 to 1."""

import numpy as np
from numpy.typing import NDArray

from radtex.scoring.ngrams import ORDERS, NGrams

STATISTICS = 2 + 2 * len(ORDERS)


def bleu_statistics(text: NGrams, reference: NGrams) -> list[int]:
    """What BLEU is made of, additive over reports: `STATISTICS` counts.

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
    """BLEU-`order` of summed statistics (…, STATISTICS) → (…); not smoothed."""
    matches, totals = _counts(statistics, order)
    precision = matches / np.maximum(totals, 1)
    with np.errstate(divide="ignore"):
        geometric = np.exp(np.log(precision).mean(-1))
    return np.asarray(geometric * _brevity(statistics))


def report_bleu(statistics: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """BLEU-`order` of single reports, smoothed: (N, STATISTICS) → (N,).

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
