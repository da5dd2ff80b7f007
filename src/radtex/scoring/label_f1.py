"""F1 of the findings that a report states, read from its text by `radtex.reports.label_report`."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from radtex.findings import CHEXPERT_LABELS, TARGET_SETS
from radtex.generation.label_head import stated_labels
from radtex.scoring.text_score import TextScore

POLICY = "positive is present; uncertain, denied and not mentioned are not"
"""Which states of a finding count."""
COMPETITION = tuple(CHEXPERT_LABELS.index(name) for name in TARGET_SETS["chexpert5"])
"""Columns of the five labels of the CheXpert competition."""


ABSENT = "“absent as 0” counts the others as 0, as published ones often do"


class LabelF1(TextScore):
    """F1 over the 14 labels of CheXpert and the five of its competition, macro and micro."""

    names = (
        "F1 macro, 14 labels",
        "F1 macro, 14 labels, absent as 0",
        "F1 micro, 14 labels",
        "F1 macro, 5 labels",
        "F1 macro, 5 labels, absent as 0",
        "F1 micro, 5 labels",
    )
    compares = "findings"
    definition = f"Labels: {POLICY}; a macro F1 is over the labels a reference states; {ABSENT}."
    settings: ClassVar = {"label_policy": POLICY}

    def statistics(
        self, systems: Mapping[str, Sequence[str]], references: Sequence[str]
    ) -> Mapping[str, NDArray[np.float64]]:
        """Count the outcomes of each label: (N, 14 · 3) by system."""
        known = stated_labels(references)
        return {
            system: flat_outcomes(stated_labels(texts), known) for system, texts in systems.items()
        }

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """F1 of sets: (…, 14 · 3) → (…, 6)."""
        return macro_and_micro(sums)

    def columns(self, statistics: NDArray[np.float64]) -> Mapping[str, NDArray[np.generic]]:
        """The outcomes of each report, over its labels."""
        counts = by_label(statistics).sum(axis=-2).astype(int).T
        names = ("labels_true_positive", "labels_false_positive", "labels_false_negative")
        return dict(zip(names, counts, strict=True))

    def parts(self, sums: NDArray[np.float64]) -> Mapping[str, Mapping[str, float]]:
        """F1 of each label."""
        return {"label_f1": label_f1(by_label(sums))}


def outcomes(written: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """True positives, false positives and false negatives, additive: (N, L) → (N, L, 3)."""
    pairs = (written & known, written & ~known, ~written & known)
    return np.stack(pairs, axis=-1).astype(np.float64)


def flat_outcomes(written: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """`outcomes` in a row per report: (N, L) → (N, L · 3)."""
    return outcomes(written, known).reshape(len(written), -1)


def by_label(flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """`flat_outcomes`, or sums of them, by label: (…, 14 · 3) → (…, 14, 3)."""
    return flat.reshape(*flat.shape[:-1], len(CHEXPERT_LABELS), 3)


def macro_and_micro(flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Macro and micro F1 over the 14 labels, then over the five: (…, 14 · 3) → (…, 6).

    Beside each macro F1 stands its value with labels that no reference states counted as 0.
    """
    labels = by_label(flat)
    scores = [
        score(chosen)
        for chosen in (labels, labels[..., COMPETITION, :])
        for score in (macro_f1, macro_f1_absent_as_0, micro_f1)
    ]
    return np.stack(scores, axis=-1)


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


def macro_f1_absent_as_0(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean F1 of all labels, 0 where no reference states one: (…, L, 3) → (…)."""
    return np.asarray(np.nan_to_num(f1(counts)).mean(-1))


def micro_f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of the outcomes of all labels together: (…, L, 3) → (…)."""
    return f1(counts.sum(-2))


def label_f1(counts: NDArray[np.float64]) -> dict[str, float]:
    """F1 of each label, by name, from the outcomes of a set: (14, 3)."""
    return dict(zip(CHEXPERT_LABELS, f1(counts).tolist(), strict=True))
