"""Logits of a probe to probabilities, by the labels of its own budget (Platt 1999)."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from torch import Tensor

from radtex.transfer.protocols.gram import gram_matrix
from radtex.transfer.protocols.logistic import fit_logistic
from radtex.transfer.protocols.probes import STRENGTHS

LEAST_SLOPE = 0.01
"""Per deviation of the logits: a flatter or falling curve would not keep the probe's order."""


@dataclass(frozen=True)
class Platt:
    """The probability of a logit f is the logistic function of ``slope · f + offset``."""

    slope: float
    """How steep the curve is."""
    offset: float
    """The log odds where f is 0."""

    def probabilities(self, logits: NDArray[np.floating]) -> NDArray[np.float64]:
        """Probabilities, float64, of logits of any shape."""
        return np.asarray(expit(self.slope * logits.astype(np.float64) + self.offset))


def out_of_fold(
    features: Tensor,
    positive: NDArray[np.bool_],
    folds: NDArray[np.int64],
    offset: Tensor | None = None,
) -> NDArray[np.float64]:
    """Logits of a draw's studies, each by the fit that left its fold out: float64 (n,).

    Features are standardised on the draw, and C is chosen, as for its probe. The intercept is that
    of the probe. Those of the folds follow the share of positives that is left to train on; the
    more of them are held out, the lower it is, so they would speak against the labels.

    Args:
        features: of the studies, (n, D).
        positive: their labels, (n,).
        folds: the fold of each study, (n,).
        offset: what a prior adds to the logit of each, (n,); nothing if None.
    """
    deviation, mean = torch.std_mean(features.double(), 0, correction=0)
    rows = ((features - mean) / torch.where(deviation > 0, deviation, torch.inf))[None]
    held_out = torch.from_numpy(folds)[None] == torch.arange(int(folds.max()) + 2)[:, None]
    masks = (~held_out).to(rows)[None]
    gram = gram_matrix(rows)
    known = None if offset is None else offset.to(rows)[None]
    fits = fit_logistic(gram, torch.from_numpy(positive).to(rows)[None], masks, STRENGTHS, known)
    linear = fits.dual @ gram
    logits = ((1 - masks) * linear).sum(1) + fits.intercept[:, -1:]
    if known is not None:
        logits = logits + known
    return logits[0].cpu().numpy()


def fit_platt(logits: NDArray[np.float64], positive: NDArray[np.bool_]) -> Platt:
    """The curve with the least log-loss on out-of-fold logits, both classes among them.

    Positives count as ``(P + 1) / (P + 2)`` and negatives as ``1 / (N + 2)``, which keeps the curve
    from certainty where few labels are told apart without error (Platt 1999, section 2.2). The
    slope is LEAST_SLOPE or more.

    Args:
        logits: of the n studies, (n,).
        positive: their labels, (n,).
    """
    centre, width = float(logits.mean()), float(logits.std())
    scaled = (logits - centre) / (width or 1.0)
    positives, negatives = int(positive.sum()), int((~positive).sum())
    aims = np.where(positive, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(curve: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        values = curve[0] * scaled + curve[1]
        error = expit(values) - aims
        return (
            float((np.logaddexp(0, values) - aims * values).mean()),
            np.array([(error * scaled).mean(), error.mean()]),
        )

    start = np.array([1.0, np.log(aims.mean() / (1 - aims.mean()))])
    bounds = [(LEAST_SLOPE, None), (None, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    slope = float(found.x[0]) / (width or 1.0)
    return Platt(slope, float(found.x[1]) - slope * centre)
