"""What a run's frozen features say that a report states: logistic regressions of mined labels.

They learn from the reports of the run's own train split, so from nothing that pretraining had not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logit
from torch import Tensor

from radtex.findings import CHEXPERT_LABELS
from radtex.reports import label_reports
from radtex.transfer.protocols.gram import gram_matrix
from radtex.transfer.protocols.logistic import fit_logistic
from radtex.transfer.protocols.standardise import standardise
from radtex.transfer.sampling.draws import FLOOR
from radtex.transfer.sampling.folds import grouped_folds

STRENGTHS = (1e-5, 1e-4, 1e-3, 1e-2)
"""The values of C that are tried."""
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
    """Fit a logistic regression for each label; C has the least log-loss over folds by patient.

    A label that fewer than `FLOOR` reports state, or all but as many, has its share alone.

    Args:
        features: (n, D), of the training films.
        stated: (n, 14), what their reports state.
        patients: (n,), tells patients apart.
        seed: of the folds, and of which reports are learnt from above `MOST`.
    """
    rng = np.random.default_rng(seed)
    if len(features) > MOST:
        chosen = np.sort(rng.choice(len(features), MOST, replace=False))
        features, stated, patients = features[chosen], stated[chosen], patients[chosen]
    _, numbers = np.unique(patients, return_inverse=True)
    everyone = torch.arange(len(features), device=features.device)[None]
    (rows,), (mean,), (deviation,) = standardise(features, everyone)
    gram = gram_matrix(rows[None])
    weights = features.new_zeros(len(CHEXPERT_LABELS), features.shape[1])
    intercepts = features.new_zeros(len(CHEXPERT_LABELS))
    thresholds = np.zeros(len(CHEXPERT_LABELS))
    for place in range(len(CHEXPERT_LABELS)):
        positive = stated[:, place]
        count = int(positive.sum())
        if min(count, len(positive) - count) < FLOOR:
            intercepts[place] = float(logit((count + 0.5) / (len(positive) + 1)))
            continue
        folds = torch.from_numpy(grouped_folds(positive, numbers, rng)).to(features.device)
        held_out = folds[None] == torch.arange(int(folds.max()) + 2, device=folds.device)[:, None]
        masks = (~held_out).to(rows)[None]
        aims = torch.from_numpy(positive).to(rows)[None]
        fits = fit_logistic(gram, aims, masks, STRENGTHS)
        intercept = fits.intercept[0, -1]
        odds = ((1 - masks) * (fits.dual @ gram)).sum(1)[0] + intercept
        weights[place] = (fits.dual[0, -1] @ rows) / deviation
        intercepts[place] = intercept - weights[place] @ mean
        thresholds[place] = best_threshold(odds.double().cpu().numpy(), positive)
    return LabelHead(weights, intercepts, thresholds)


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
