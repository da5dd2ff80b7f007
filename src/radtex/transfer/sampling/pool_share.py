"""How much of the pool a draw takes: what the draws of several repeats have in common."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.studies import Studies


def pool_share(
    pool: Studies, draws: Sequence[Draw], shape: tuple[int, int, int]
) -> NDArray[np.float64]:
    """Return the share of the pool that a draw takes, where it takes most.

    It is the largest of four: of the studies with a definite label, of the positive and of the
    negative ones, and of their patients. Of twelve positives in 2,000 studies, a draw of 100 takes
    five, since each class has a floor: 5 % of the studies, and 42 % of the positives.

    Args:
        pool: the studies that are drawn from.
        draws: by target, repeat and budget.
        shape: (T, R, B), their numbers.

    Returns:
        (T, B), above 0 and at most 1; means over repeats.
    """
    shares = np.empty(len(draws))
    for target in range(shape[0]):
        labels = pool.labels[:, target]
        definite = ~np.isnan(labels)
        positive, patients = int((labels == 1).sum()), len(np.unique(pool.patients[definite]))
        held = np.array([definite.sum(), positive, definite.sum() - positive, patients])
        for place, draw in enumerate(draws):
            if draw.target == target:
                drawn = int(draw.positive.sum())
                people = len(np.unique(pool.patients[draw.studies]))
                taken = np.array([len(draw.studies), drawn, len(draw.studies) - drawn, people])
                shares[place] = (taken / held).max()
    mean: NDArray[np.float64] = shares.reshape(shape).mean(1)
    return mean
