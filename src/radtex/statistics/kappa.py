"""How far two readers agree beyond chance: Cohen's kappa.

Cohen 1960, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20:37.
"""

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.bootstrap import Patients
from radtex.statistics.intervals import Interval

REPLICATES = 2000
"""Draws of patients for an interval."""


def cohen_kappa(
    a: NDArray[np.int64], b: NDArray[np.int64], patients: NDArray[np.int64], seed: int = 0
) -> Interval:
    """Return kappa of two readers, with its percentile interval over patients.

    Args:
        a: (n,), the category that one reader gave each study, numbered from 0.
        b: (n,), the same of the other reader.
        patients: (n,), tells patients apart; the studies of one are drawn together.
        seed: of the draws.

    Returns:
        NaN where both gave all studies one category: chance alone then agrees.
    """
    count = int(max(a.max(), b.max())) + 1
    pairs = np.zeros((len(a), count * count))
    pairs[np.arange(len(a)), a * count + b] = 1
    numbers = np.unique(patients, return_inverse=True)[1].astype(np.int64)
    (found,) = Patients(numbers, REPLICATES, seed).intervals(pairs, _kappa)
    return found


def _kappa(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kappa (…, 1) of counts of pairs (…, K²)."""
    size = round(sums.shape[-1] ** 0.5)
    table = sums.reshape(*sums.shape[:-1], size, size)
    total = table.sum((-2, -1))
    observed = np.trace(table, axis1=-2, axis2=-1) / total
    chance = (table.sum(-1) * table.sum(-2)).sum(-1) / total**2
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa = np.where(chance < 1, (observed - chance) / (1 - chance), np.nan)
    return np.asarray(kappa[..., None])
