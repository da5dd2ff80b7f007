"""The logistic regression of mined labels on features, of as many studies as there are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.transfer.protocols.gram import FactorProducts, gram_matrix
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
    loss: float
    """Mean log-loss of its labels, each study held out once; 0 where there are none."""
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
        features: (n, D), of studies.
        labels: (n,), 1, 0 or NaN where the report says nothing.
        patients: (n,), tells patients apart.
        name: of the target; the folds depend on it.
        seed: of the folds.
    """
    lacking = too_few_patients(labels, patients, FLOOR)
    if lacking:
        facts = {"mined": 0, "mined_positive": 0, "reason": f"the reports have {lacking}"}
        return MinedHead(features.new_zeros(features.shape[1]), 0.0, facts)
    studies = np.flatnonzero(~np.isnan(labels))
    positive = labels[studies] == 1
    rng = np.random.default_rng([seed, stream_of(f"mined {name}")])
    folds = grouped_folds(positive, patients[studies], rng)
    draw = Draw(0, 0, len(studies), studies, positive, folds, forced=False)
    masks, _ = fold_masks([draw], features)
    rows, _, deviation = standardise(features, torch.from_numpy(studies)[None].to(features.device))
    wide = rows.shape[2] > rows.shape[1] / 2  # n² against 2 n D products a step
    products = gram_matrix(rows) if wide else FactorProducts(rows)
    aims = torch.from_numpy(positive).to(features)[None]
    fits = fit_logistic(products, aims, masks, STRENGTHS)
    chosen = int(fits.choice[0])
    return MinedHead(
        ((fits.dual[0, -1:] @ rows[0]) / deviation)[0],
        float(fits.loss[0, chosen]) if bool(fits.loss[0].isfinite().any()) else 0.0,
        {
            "mined": len(studies),
            "mined_positive": int(positive.sum()),
            "c": STRENGTHS[chosen],
            "converged": bool(fits.converged[0]),
        },
    )
