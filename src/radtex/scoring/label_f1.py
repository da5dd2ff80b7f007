"""F1 of the findings that a report states, read from its text by `radtex.reports.label_report`."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radtex.findings import CHEXPERT_LABELS, TARGET_SETS
from radtex.reports import label_reports

POLICY = "positive is present; uncertain, denied and not mentioned are not"
COMPETITION = tuple(CHEXPERT_LABELS.index(name) for name in TARGET_SETS["chexpert5"])
"""Columns of the five labels of the CheXpert competition."""


def stated(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each text states each of the 14 `CHEXPERT_LABELS` as present: (N, 14)."""
    distinct = [*dict.fromkeys(texts)]
    present = (label_reports(distinct) == 1).fillna(False).to_numpy(dtype=bool)
    row = {text: number for number, text in enumerate(distinct)}
    return present[[row[text] for text in texts]]


def outcomes(written: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """True positives, false positives and false negatives, additive: (N, L) → (N, L, 3)."""
    pairs = (written & known, written & ~known, ~written & known)
    return np.stack(pairs, axis=-1).astype(np.float64)


def f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of summed outcomes (…, 3) → (…); NaN where no reference states the finding."""
    true, false, missed = np.moveaxis(counts, -1, 0)
    known = true + missed > 0
    return np.where(known, 2 * true / np.where(known, 2 * true + false + missed, 1), np.nan)


def macro_f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean F1 of the labels that a reference states: (…, L, 3) → (…); NaN where there is none."""
    of_label = f1(counts)
    known = ~np.isnan(of_label)
    total = np.where(known, of_label, 0).sum(-1)
    return np.where(known.any(-1), total / np.maximum(known.sum(-1), 1), np.nan)


def micro_f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of the outcomes of all labels together: (…, L, 3) → (…)."""
    return f1(counts.sum(-2))


def label_f1(counts: NDArray[np.float64]) -> dict[str, float]:
    """F1 of each label, by name, from the outcomes of a set: (14, 3)."""
    return dict(zip(CHEXPERT_LABELS, f1(counts).tolist(), strict=True))
