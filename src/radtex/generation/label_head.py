"""What a run's frozen features say that a report states, and from which log odds to say it.

It is learnt from the reports of the run's own train split, so from nothing that pretraining had
not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.findings import CHEXPERT_LABELS
from radtex.reports import label_reports
from radtex.transfer.protocols.label_prior.mined_head import fit_mined_heads

MOST = 5000
"""Reports, at most, that are learnt from."""


@dataclass(frozen=True)
class LabelHead:
    """For each of the 14 `CHEXPERT_LABELS`, how strongly features say that a report states it."""

    weights: Tensor
    """(14, D): for features as they come."""
    intercepts: Tensor
    """(14,): added to them."""
    thresholds: NDArray[np.float64]
    """(14,): the log odds above which stating the finding has the best F1, by held-out reports."""

    def leanings(self, features: Tensor) -> NDArray[np.float64]:
        """Log odds less thresholds: features (B, D) → (B, 14), above 0 where it should be said."""
        odds = features @ self.weights.T + self.intercepts
        return odds.double().cpu().numpy() - self.thresholds


def stated_labels(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each text states each of the 14 `CHEXPERT_LABELS` as present: (N, 14)."""
    place = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    present = (label_reports([*place]) == 1).fillna(False).to_numpy(dtype=bool)
    return present[[place[text] for text in texts]]


def fit_label_head(
    features: Tensor, stated: NDArray[np.bool_], patients: NDArray[np.object_], seed: int = 0
) -> LabelHead:
    """Fit the head of each label, as that of a prior from reports is fitted (`fit_mined_heads`).

    A label that reports state of too few patients, or leave out of too few, has its share alone.

    Args:
        features: (n, D), of the training films.
        stated: (n, 14), what their reports state.
        patients: (n,), tells patients apart.
        seed: of the folds, and of which reports are learnt from above `MOST`.
    """
    if len(features) > MOST:
        rng = np.random.default_rng(seed)
        chosen = np.sort(rng.choice(len(features), MOST, replace=False))
        features, stated, patients = features[chosen], stated[chosen], patients[chosen]
    _, numbers = np.unique(patients, return_inverse=True)
    heads = fit_mined_heads(features, stated.astype(np.float32), numbers, CHEXPERT_LABELS, seed)
    thresholds = [
        0.0 if "reason" in head.facts else best_threshold(head.held_out, positive)
        for head, positive in zip(heads, stated.T, strict=True)
    ]
    return LabelHead(
        torch.stack([head.weights for head in heads]),
        features.new_tensor([head.intercept for head in heads]),
        np.array(thresholds),
    )


def best_threshold(odds: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """The least of the given log odds from which on calling a finding has the best F1.

    Args:
        odds: of the n reports, (n,).
        positive: whether they state it, (n,), at least one.
    """
    order = np.argsort(-odds, kind="stable")
    right = np.cumsum(positive[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + positive.sum())
    return float(odds[order][f1.argmax()])
