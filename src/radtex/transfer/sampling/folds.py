"""Stratified folds that keep each patient whole."""

import numpy as np
from numpy.typing import NDArray

FOLDS = 5


def grouped_folds(
    positive: NDArray[np.bool_], patients: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Assign each of n studies to one of FOLDS folds, all studies of a patient to the same one.

    Patients with most positive studies are dealt first, each to the fold with the fewest
    positives; then those without, to the fold with the fewest negatives. Equal patients come in
    random order.

    Args:
        positive: (n,), whether the label is positive.
        patients: (n,), tells patients apart.
        rng: of that order.

    Returns:
        (n,), the fold of each study.
    """
    _, patient = np.unique(patients, return_inverse=True)
    positives = np.bincount(patient[positive], minlength=patient.max() + 1)
    negatives = np.bincount(patient[~positive], minlength=patient.max() + 1)
    shuffled = rng.permutation(len(positives))
    order = shuffled[np.lexsort((-negatives[shuffled], -positives[shuffled]))]
    held = [(0, 0, fold) for fold in range(FOLDS)]  # positives, negatives, fold
    fold_of = np.empty(len(positives), np.int64)
    for who, more_positives, more_negatives in zip(
        order.tolist(), positives[order].tolist(), negatives[order].tolist(), strict=True
    ):
        if more_positives:
            neediest = min(held)
        else:
            neediest = min(held, key=lambda fold: (fold[1], fold[0], fold[2]))
        held_positives, held_negatives, fold = neediest
        held[fold] = (held_positives + more_positives, held_negatives + more_negatives, fold)
        fold_of[who] = fold
    return fold_of[patient]


def every_fold_trains(positive: NDArray[np.bool_], folds: NDArray[np.int64]) -> bool:
    """Whether both classes remain whichever fold is left out: each class in two folds or more."""
    return all(len(np.unique(folds[positive == side])) > 1 for side in (True, False))
