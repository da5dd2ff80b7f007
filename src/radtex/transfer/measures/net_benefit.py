"""Decision curves: what acting on predictions gains, by how much a false alarm costs."""

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.auc import small_sample
from radtex.transfer.measures.measured import DefiniteStudies, Measured

THRESHOLDS = (
    *(0.01, 0.02, 0.03, 0.04, 0.05, 0.075),
    *(0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5),
    *(0.6, 0.7, 0.8),
)
"""Probabilities from which one would act: at t, a missed finding is as bad as (1 − t) / t false
alarms."""


def net_benefit(probability: NDArray[np.float64], tested: DefiniteStudies) -> Measured:
    """Measure the net benefit of acting where a probability (n, R) is not below each threshold.

    It is the share of true positives minus the share of false ones times t / (1 − t), of all
    studies (Vickers and Elkin 2006, Med. Decis. Making 26:565): in units of a
    finding that is found.

    Returns:
        Values (R, K) and influences (K, P) for the K THRESHOLDS, in the place of budgets.
    """
    count, repeats = probability.shape
    passed = np.searchsorted(THRESHOLDS, probability, side="right")  # thresholds at or below
    size = len(THRESHOLDS) + 1
    odds = np.array(THRESHOLDS) / (1 - np.array(THRESHOLDS))

    acted = np.stack(
        [_acted(passed[side], repeats, size) for side in (tested.positive, ~tested.positive)]
    )
    values = (acted[0] - odds * acted[1]) / count
    of_study = _acted(passed.T, count, size) / repeats
    gains = np.where(tested.positive[:, None], of_study, -odds * of_study)
    moved = (gains - gains.mean(0)) / count * small_sample(tested.patients)
    return Measured(values, tested.sum_by_patient(moved).T)


def treat_all(prevalence: float, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the net benefit of acting on every study."""
    return np.asarray(prevalence - (1 - prevalence) * thresholds / (1 - thresholds))


def _acted(passed: NDArray[np.int64], columns: int, size: int) -> NDArray[np.float64]:
    """Of each column of `passed`, how many reach each threshold: (columns, size − 1)."""
    places = passed + size * np.arange(columns)
    counts = np.bincount(places.ravel(), minlength=columns * size).reshape(columns, size)
    return counts[:, :0:-1].cumsum(1)[:, ::-1].astype(np.float64)
