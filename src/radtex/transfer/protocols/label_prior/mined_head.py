"""The logistic regression of mined labels on features, of as many films as there are.

It is what a prior from reports consists of, and what the reports that `radtex generate` writes are
held against.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logit
from torch import Tensor

from radtex.transfer.protocols.gram import FactorProducts, gram_matrix
from radtex.transfer.protocols.label_prior.one_standard_error import gains_enough
from radtex.transfer.protocols.logistic import fit_logistic
from radtex.transfer.protocols.probes import STRENGTHS, fold_masks
from radtex.transfer.protocols.standardise import standardise
from radtex.transfer.sampling.draws import FLOOR, Draw, stream_of
from radtex.transfer.sampling.eligibility import too_few_patients
from radtex.transfer.sampling.folds import grouped_folds


@dataclass(frozen=True)
class MinedHead:
    """What D features say of a target by the labels that reports hold."""

    weights: Tensor
    """(D,): for features as they come; 0 where reports say too little."""
    intercept: float
    """Added to them; where reports say too little, the log odds of their labels."""
    held_out: NDArray[np.float64]
    """(n,): log odds of each film by the fit that left its fold out, with the intercept of the
    whole; 0 where reports say too little, and NaN where a film has no label."""
    loss: float
    """Mean log-loss of its labels, each film held out once; 0 where there are none."""
    told: bool
    """Whether it tells the labels of films held out better than the share of positives does, by the
    rule of one standard error."""
    facts: dict[str, Any]
    """How many labels it learnt, or why none (JSON values)."""


def fit_mined_head(
    features: Tensor,
    labels: NDArray[np.float32],
    patients: NDArray[np.int64],
    name: str,
    seed: int,
) -> MinedHead:
    """Fit the head of a target as a probe is fitted to a draw: folds by patient choose C.

    Args:
        features: (n, D), of studies or of films.
        labels: (n,), 1, 0 or NaN where the report says nothing.
        patients: (n,), tells patients apart.
        name: of the target; the folds depend on it.
        seed: of the folds.
    """
    studies = np.flatnonzero(~np.isnan(labels))
    positive = labels[studies] == 1
    held_out = np.full(len(labels), np.nan)
    lacking = too_few_patients(labels, patients, FLOOR)
    if lacking:
        facts = {"mined": 0, "mined_positive": 0, "reason": f"the reports have {lacking}"}
        held_out[studies] = 0
        none, share = features.new_zeros(features.shape[1]), float(logit(_share(positive)))
        return MinedHead(none, share, held_out, 0.0, False, facts)
    rng = np.random.default_rng([seed, stream_of(f"mined {name}")])
    folds = grouped_folds(positive, patients[studies], rng)
    draw = Draw(0, 0, len(studies), studies, positive, folds, forced=False)
    masks, _ = fold_masks([draw], features)
    rows, mean, deviation = standardise(
        features, torch.from_numpy(studies)[None].to(features.device)
    )
    wide = rows.shape[2] > rows.shape[1] / 2  # n² against 2 n D products a step
    products = gram_matrix(rows) if wide else FactorProducts(rows)
    aims = torch.from_numpy(positive).to(features)[None]
    fits = fit_logistic(products, aims, masks, STRENGTHS)
    chosen = int(fits.choice[0])
    linear = ((1 - masks[0]) * (fits.dual[0] @ rows[0] @ rows[0].mT)).sum(0)
    held_out[studies] = (linear + fits.intercept[0, -1]).double().cpu().numpy()
    weights = ((fits.dual[0, -1:] @ rows[0]) / deviation)[0]
    return MinedHead(
        weights,
        float(fits.intercept[0, -1] - weights @ mean[0]),
        held_out,
        float(fits.loss[0, chosen]) if bool(fits.loss[0].isfinite().any()) else 0.0,
        _tells(held_out[studies], positive),
        {
            "mined": len(studies),
            "mined_positive": int(positive.sum()),
            "c": STRENGTHS[chosen],
            "converged": bool(fits.converged[0]),
        },
    )


def _share(positive: NDArray[np.bool_]) -> float:
    """The share of positives, were there half a film more of each class."""
    return float((positive.sum() + 0.5) / (len(positive) + 1))


def _tells(log_odds: NDArray[np.float64], positive: NDArray[np.bool_]) -> bool:
    """Whether log odds lose less than the share of positives, by the rule of one standard error."""
    sign = np.where(positive, -1, 1)
    gain = np.logaddexp(0, sign * logit(_share(positive))) - np.logaddexp(0, sign * log_odds)
    return bool(gains_enough(torch.from_numpy(gain)))
