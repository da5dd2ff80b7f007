"""The logistic regression of mined labels on features, of as many films as there are.

It is what a prior from reports consists of, and what the reports that `radtex generate` writes are
held against.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logit
from torch import Tensor

from radtex.transfer.protocols.gram import (
    FactorProducts,
    GramProducts,
    SharedProducts,
    gram_matrix,
    is_narrow,
)
from radtex.transfer.protocols.label_prior.one_standard_error import gains_enough
from radtex.transfer.protocols.logistic import fit_logistic
from radtex.transfer.protocols.probes import STRENGTHS, fold_masks
from radtex.transfer.protocols.standardise import standardise
from radtex.transfer.sampling.draws import FLOOR, Draw, stream_of
from radtex.transfer.sampling.eligibility import too_few_patients
from radtex.transfer.sampling.folds import FOLDS, grouped_folds

_ENTRIES_AT_ONCE = 4_000_000  # logits of one batch of fits, 16 MB


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
    """Fit the head of one target; see `fit_mined_heads`, of which `labels` is a column."""
    return fit_mined_heads(features, labels[:, None], patients, [name], seed)[0]


def fit_mined_heads(
    features: Tensor,
    labels: NDArray[np.float32],
    patients: NDArray[np.int64],
    names: Sequence[str],
    seed: int,
) -> list[MinedHead]:
    """Fit the head of each target as a probe is fitted to a draw: folds by patient choose C.

    Targets with labels of the same films are fitted together, which share their inner products.

    Args:
        features: (n, D), of studies or of films.
        labels: (n, T), 1, 0 or NaN where the report says nothing.
        patients: (n,), tells patients apart.
        names: of the targets; the folds depend on them.
        seed: of the folds.
    """
    heads: dict[int, MinedHead] = {}
    together: dict[bytes, list[int]] = {}
    for column in range(len(names)):
        lacking = too_few_patients(labels[:, column], patients, FLOOR)
        if lacking:
            heads[column] = _untold(features, labels[:, column], lacking)
        else:
            together.setdefault(np.isnan(labels[:, column]).tobytes(), []).append(column)
    for columns in together.values():
        studies = np.flatnonzero(~np.isnan(labels[:, columns[0]]))
        rows = standardise(features, torch.from_numpy(studies)[None].to(features.device))
        gram = None if is_narrow(rows[0]) else gram_matrix(rows[0])
        at_once = max(1, _ENTRIES_AT_ONCE // (len(studies) * (FOLDS + 1)))
        for start in range(0, len(columns), at_once):
            some = columns[start : start + at_once]
            draws = [
                _draw(studies, labels[studies, column] == 1, patients, names[column], seed)
                for column in some
            ]
            fitted = _fit(rows, gram, draws, len(labels))
            heads.update(zip(some, fitted, strict=True))
    return [heads[column] for column in range(len(names))]


def _untold(features: Tensor, labels: NDArray[np.float32], lacking: str) -> MinedHead:
    """The head of a target of which reports say too little."""
    facts = {"mined": 0, "mined_positive": 0, "reason": f"the reports have {lacking}"}
    held_out = np.where(np.isnan(labels), np.nan, 0.0)
    share = float(logit(_share(labels[~np.isnan(labels)] == 1)))
    return MinedHead(features.new_zeros(features.shape[1]), share, held_out, 0.0, False, facts)


def _draw(
    studies: NDArray[np.int64],
    positive: NDArray[np.bool_],
    patients: NDArray[np.int64],
    name: str,
    seed: int,
) -> Draw:
    rng = np.random.default_rng([seed, stream_of(f"mined {name}")])
    folds = grouped_folds(positive, patients[studies], rng)
    return Draw(0, 0, len(studies), studies, positive, folds, forced=False)


def _fit(
    rows: tuple[Tensor, Tensor, Tensor], gram: Tensor | None, draws: Sequence[Draw], films: int
) -> list[MinedHead]:
    """Fit the heads of targets that have labels of the same films.

    Args:
        rows: features of these, standardised, (1, n, D), with their means and deviations.
        gram: inner products of the rows, unless these are narrow.
        draws: of each target.
        films: how many there are in all.
    """
    standardised, mean, deviation = rows
    masks, _ = fold_masks(draws, standardised)
    positive = torch.from_numpy(np.stack([draw.positive for draw in draws])).to(standardised)
    factors = SharedProducts(FactorProducts(standardised))
    products = factors if gram is None else SharedProducts(GramProducts(gram))
    fits = fit_logistic(products, positive, masks, STRENGTHS)
    linear = ((1 - masks) * factors(fits.dual)).sum(1)
    log_odds = (linear + fits.intercept[:, -1:]).double().cpu().numpy()
    heads = []
    for place, draw in enumerate(draws):
        held_out = np.full(films, np.nan)
        held_out[draw.studies] = log_odds[place]
        chosen = int(fits.choice[place])
        weights = ((fits.dual[place, -1:] @ standardised[0]) / deviation[0])[0]
        tried = bool(fits.loss[place].isfinite().any())
        head = MinedHead(
            weights,
            float(fits.intercept[place, -1] - weights @ mean[0]),
            held_out,
            float(fits.loss[place, chosen]) if tried else 0.0,
            _tells(held_out[draw.studies], draw.positive),
            {
                "mined": len(draw.studies),
                "mined_positive": int(draw.positive.sum()),
                "c": STRENGTHS[chosen],
                "converged": bool(fits.converged[place]),
            },
        )
        heads.append(head)
    return heads


def _share(positive: NDArray[np.bool_]) -> float:
    """The share of positives, were there half a film more of each class."""
    return float((positive.sum() + 0.5) / (len(positive) + 1))


def _tells(log_odds: NDArray[np.float64], positive: NDArray[np.bool_]) -> bool:
    """Whether log odds lose less than the share of positives, by the rule of one standard error."""
    sign = np.where(positive, -1, 1)
    gain = np.logaddexp(0, sign * logit(_share(positive))) - np.logaddexp(0, sign * log_odds)
    return bool(gains_enough(torch.from_numpy(gain)))
