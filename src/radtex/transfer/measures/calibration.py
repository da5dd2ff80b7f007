"""Calibration: the Brier score, and observed against predicted."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.auc import small_sample
from radtex.statistics.intervals import Estimate, estimate
from radtex.transfer.measures.measured import DefiniteStudies, Measured, within

BINS = 10
"""Reliability bins, equally wide in probability."""
LEAST_IN_A_BIN = 10
"""Patients without whom a reliability bin is not shown."""


@dataclass(frozen=True)
class Reliability:
    """Predicted and observed in BINS bins, all repeats together."""

    predicted: NDArray[np.float64]
    """(BINS,): sum of the probabilities."""
    counts: NDArray[np.float64]
    """(BINS, P): predictions of each patient."""
    positives: NDArray[np.float64]
    """(BINS, P): those of positive studies."""


@dataclass(frozen=True)
class ReliabilityBin:
    """Of the predictions with a probability in one bin: their mean, and the share of positives."""

    predictions: int
    """Their number."""
    predicted: float
    """Their mean."""
    observed: Estimate
    """The share of positives; its interval is over patients."""


def brier(
    probability: NDArray[np.float64], tested: DefiniteStudies, shape: tuple[int, int]
) -> Measured:
    """Measure the mean squared distance of probability and outcome.

    The score of Brier 1950, Mon. Weather Rev. 78:1.

    Args:
        probability: (n, R · B), repeats first.
        tested: the n studies.
        shape: (R, B).
    """
    errors = ((probability - tested.positive[:, None]) ** 2).reshape(-1, *shape)
    apart = ((errors - errors.mean(0)) / len(errors)).reshape(len(errors), -1)
    by_patient = tested.sum_by_patient(apart) * small_sample(tested.patients)
    moved = by_patient.T.reshape(*shape, -1)
    return Measured(errors.mean(0), moved.mean(0), moved)


def reliability(probability: NDArray[np.float64], tested: DefiniteStudies) -> Reliability:
    """Count predictions (n, R) and positives in bins of probability, by patient."""
    bins = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    places = bins * tested.patient_count + tested.patients[:, None]
    size = BINS * tested.patient_count
    counts = np.bincount(places.ravel(), minlength=size).astype(np.float64)
    positives = np.bincount(places[tested.positive].ravel(), minlength=size).astype(np.float64)
    predicted = np.bincount(bins.ravel(), probability.ravel(), minlength=BINS).astype(np.float64)
    return Reliability(
        predicted,
        counts.reshape(BINS, tested.patient_count),
        positives.reshape(BINS, tested.patient_count),
    )


def together(measured: Sequence[Reliability]) -> Reliability:
    """Add up the predictions of several targets or seeds."""
    return Reliability(
        *(
            np.sum([getattr(each, field.name) for each in measured], axis=0)
            for field in fields(Reliability)
        )
    )


def reliability_bins(measured: Sequence[Reliability]) -> tuple[ReliabilityBin, ...]:
    """Conclude on all targets together; bins of fewer than LEAST_IN_A_BIN patients are left out."""
    if not measured:
        return ()
    all_targets = together(measured)
    predicted, counts, positives = all_targets.predicted, all_targets.counts, all_targets.positives
    bins = []
    for place in range(BINS):
        theirs = counts[place] > 0
        patients, count = int(theirs.sum()), counts[place].sum()
        if patients < LEAST_IN_A_BIN:
            continue
        share = positives[place].sum() / count
        moved = (positives[place] - share * counts[place])[theirs] / count
        observed = estimate(np.array([share]), moved * np.sqrt(patients / (patients - 1)))
        if share in (0, 1):  # no variance to see: Clopper and Pearson, for as many patients
            far = 1 - 0.025 ** (1 / patients)
            observed = replace(observed, low=share - share * far, high=share + (1 - share) * far)
        bins.append(ReliabilityBin(int(count), float(predicted[place] / count), within(observed)))
    return tuple(bins)
