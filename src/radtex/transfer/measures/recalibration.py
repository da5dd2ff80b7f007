"""Recalibration: by how much predicted probabilities are too high, and too extreme.

All repeats are fitted together, as in the reliability diagram. A slope for each repeat would often
not exist: where a draw chose the smallest C, its logits hardly differ, and their slope is anything.
The estimates solve equations that are sums over repeats and test patients; so each repeat and each
patient moves them by its part of the sum, through the inverse of the sum's derivative (the
influence function of an M-estimator, Huber 1964).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from radtex.statistics.auc import small_sample
from radtex.transfer.measures.measured import DefiniteStudies, Measured

_STEPS = 100
_TOLERANCE = 1e-8  # of a logit
_ROUNDING = 1e-6  # of the largest logit; those that differ by less are alike
_WHOLE_STEP = 1.79  # of a logit; a longer Newton step is damped, as in `protocols.logistic`


@dataclass(frozen=True)
class Recalibration:
    """How the observed outcomes follow the predicted logits at one budget (B = 1)."""

    slope: Measured | None
    """Of the outcome's log odds on the logits: below 1 they are too extreme. None where they do
    not differ, or tell the classes apart without an error, so that there is none."""
    intercept: Measured | None
    """What must be added to every logit for as many positives as there are (Van Calster et al.
    2019, BMC Med. 17:230): below 0 predictions are too high. None where no number can be found."""
    log_ratio: Measured | None
    """Logarithm of observed over expected positives; None where none at all are expected."""


def recalibrate(logits: NDArray[np.float64], tested: DefiniteStudies) -> Recalibration:
    """Fit logits (n, R) of n studies, of both classes, to their outcomes."""
    outcomes = np.broadcast_to(tested.positive[:, None], logits.shape).astype(np.float64)
    ones, nothing = np.ones_like(logits), np.zeros_like(logits)
    width = float(logits.std())
    slope = None
    if width > _ROUNDING * max(1.0, float(np.abs(logits).max())):
        scaled = (logits - logits.mean()) / width
        fitted = _fit(np.stack([ones, scaled]), nothing, outcomes)
        slope = None if fitted is None else _measured(fitted, 1, 1 / width, tested)
    fitted = _fit(ones[None], logits, outcomes)
    return Recalibration(
        slope=slope,
        intercept=None if fitted is None else _measured(fitted, 0, 1.0, tested),
        log_ratio=_log_ratio(expit(logits), tested),
    )


class _Fitted(NamedTuple):
    values: NDArray[np.float64]
    """(k,)."""
    moved: NDArray[np.float64]
    """(k, n, R): by each prediction."""


def _fit(
    columns: NDArray[np.float64], offset: NDArray[np.float64], outcomes: NDArray[np.float64]
) -> _Fitted | None:
    """Logistic regression of outcomes (n, R) on k columns (k, n, R); None where none is found."""
    rows, fixed, aims = columns.reshape(len(columns), -1), offset.ravel(), outcomes.ravel()
    values = np.zeros(len(rows))
    for _ in range(_STEPS):
        predicted = expit(fixed + values @ rows)
        residual = aims - predicted
        curvature = (rows * (predicted * (1 - predicted))) @ rows.T
        if not np.linalg.det(curvature) > np.finfo(np.float64).tiny:
            return None
        inverse = np.linalg.inv(curvature)
        step = inverse @ (rows @ residual)
        reach = float(np.abs(step @ rows).max())
        if reach < _TOLERANCE:
            return _Fitted(values, (inverse @ (rows * residual)).reshape(columns.shape))
        values = values + step * (np.log1p(reach) / reach if reach > _WHOLE_STEP else 1.0)
    return None


def _measured(fitted: _Fitted, which: int, scale: float, tested: DefiniteStudies) -> Measured:
    return _with_influence(fitted.values[which] * scale, fitted.moved[which] * scale, tested)


def _log_ratio(probability: NDArray[np.float64], tested: DefiniteStudies) -> Measured | None:
    observed, expected = tested.positive.sum() * probability.shape[1], probability.sum()
    if expected == 0:
        return None
    moved = tested.positive[:, None] / observed - probability / expected
    return _with_influence(float(np.log(observed / expected)), moved, tested)


def _with_influence(value: float, moved: NDArray[np.float64], tested: DefiniteStudies) -> Measured:
    """A value with a pseudo-value for each repeat, whose mean it is; `moved` (n, R) sums to 0."""
    repeats = value + moved.shape[1] * moved.sum(0)
    by_patient = tested.sum_by_patient(moved.sum(1, keepdims=True))
    return Measured(repeats[:, None], by_patient.T * small_sample(tested.patients))
