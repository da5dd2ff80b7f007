"""The scores of a set of reports, made of sums over its reports."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.findings import CHEXPERT_LABELS
from radtex.scoring.bleu import STATISTICS, bleu, bleu_statistics
from radtex.scoring.cider import InverseFrequencies, cider_d
from radtex.scoring.label_f1 import COMPETITION, macro_f1, micro_f1, outcomes, stated
from radtex.scoring.ngrams import ORDERS, NGrams
from radtex.scoring.rouge import rouge_l

METRICS = (
    *(f"BLEU-{order}" for order in ORDERS),
    "ROUGE-L",
    "CIDEr-D",
    "F1 macro, 14 labels",
    "F1 micro, 14 labels",
    "F1 macro, 5 labels",
    "F1 micro, 5 labels",
)


@dataclass(frozen=True)
class ReportScores:
    """What N written reports reached, one by one."""

    bleu: NDArray[np.float64]
    """(N, STATISTICS)"""
    rouge_l: NDArray[np.float64]
    """(N,)"""
    cider_d: NDArray[np.float64]
    """(N,)"""
    labels: NDArray[np.float64]
    """(N, 14, 3): outcomes per label"""

    def statistics(self) -> NDArray[np.float64]:
        """All that `metrics` needs, additive over reports: (N, K)."""
        count = len(self.bleu)
        return np.column_stack(
            [np.ones(count), self.rouge_l, self.cider_d, self.bleu, self.labels.reshape(count, -1)]
        )


class References:
    """The references of a set, prepared once for all that is scored against them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._ngrams = [NGrams.of(text) for text in texts]
        self._rarity = InverseFrequencies(self._ngrams)
        self._stated = stated(texts)

    def score(self, texts: Sequence[str]) -> ReportScores:
        """Score one written report per reference."""
        written = [NGrams.of(text) for text in texts]
        pairs = [*zip(written, self._ngrams, strict=True)]
        return ReportScores(
            np.array([bleu_statistics(*pair) for pair in pairs], dtype=np.float64),
            np.array([rouge_l(*pair) for pair in zip(texts, self._texts, strict=True)]),
            np.array([cider_d(*pair, self._rarity) for pair in pairs]),
            outcomes(stated(texts), self._stated),
        )


def metrics(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The `METRICS` of summed statistics: (…, K) → (…, len(METRICS)).

    BLEU is that of the whole set; ROUGE-L and CIDEr-D are means over reports. An F1 is NaN where
    no reference states any of its labels.
    """
    reports, rouge, cider = np.moveaxis(sums[..., :3], -1, 0)
    bleu_sums = sums[..., 3 : 3 + STATISTICS]
    labels = sums[..., 3 + STATISTICS :].reshape(*sums.shape[:-1], len(CHEXPERT_LABELS), 3)
    five = labels[..., COMPETITION, :]
    return np.stack(
        [
            *(bleu(bleu_sums, order) for order in ORDERS),
            rouge / reports,
            cider / reports,
            macro_f1(labels),
            micro_f1(labels),
            macro_f1(five),
            micro_f1(five),
        ],
        axis=-1,
    )
