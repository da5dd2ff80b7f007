"""How much of the pool a draw takes: what the draws of several repeats have in common."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.studies import Studies


def pool_share(
    pool: Studies, draws: Sequence[Draw], shape: tuple[int, int, int]
) -> NDArray[np.float64]:
    """Return how far two draws from the pool are alike, where they are most: their correlation.

    It is the largest of three: among the studies with a definite label, the positive and the
    negative ones. Of twelve positives in 2,000 studies, a draw of 100 takes five, since each class
    has a floor: 5 % of the studies, and 42 % of the positives.

    Among studies of which a draw takes the share f, two draws have as much in common as f where
    each study is a patient of its own. Where a patient has several, two draws meet the same
    patients more often than the same studies. A sum over studies that are alike within a patient
    has the correlation f c / (1 − f + f c), with c = Σ m² / Σ m over patients of m studies (that
    is f where c = 1); it is less where they are less alike.

    Args:
        pool: the studies that are drawn from.
        draws: by target, repeat and budget.
        shape: (T, R, B), their numbers.

    Returns:
        (T, B), above 0 and at most 1.
    """
    taken = np.array([(len(each.studies), each.positive.sum()) for each in draws], np.float64)
    studies, positive = np.moveaxis(taken.reshape(*shape, 2).mean(1), -1, 0)
    shares = np.empty((shape[0], shape[2]))
    for target, labels in enumerate(pool.labels.T):
        counts = (studies[target], positive[target], studies[target] - positive[target])
        groups = (~np.isnan(labels), labels == 1, labels == 0)
        shares[target] = np.max(
            [_likeness(n, pool.patients[g]) for n, g in zip(counts, groups, strict=True)], axis=0
        )
    return shares


def _likeness(taken: NDArray[np.float64], patients: NDArray[np.int64]) -> NDArray[np.float64]:
    """The correlation of two draws of `taken` (B,) studies of these patients."""
    of_patient = np.bincount(patients)
    share = taken / len(patients)
    crowded = share * float((of_patient**2).sum() / of_patient.sum())
    return np.asarray(crowded / (1 - share + crowded))
