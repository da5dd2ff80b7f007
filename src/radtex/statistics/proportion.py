"""The share of cases for which something holds, where the cases of a patient go together."""

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.intervals import Interval, wilson


def proportion(holds: NDArray[np.bool_], patients: NDArray[np.int64]) -> Interval:
    """The share of studies for which something holds, with Wilson's interval (1927).

    The interval is for as many independent studies as would have the variance that was found over
    patients. Where that cannot be told, because it holds for all or for none or there is one
    patient, the interval is for the number of patients.

    Args:
        holds: for which of the n studies, (n,).
        patients: of the studies, (n,).
    """
    share = float(holds.mean())
    variance = float((moved(holds.astype(np.float64), patients) ** 2).sum())
    people = len(np.unique(patients))
    told = people > 1 and variance > 0
    count = min(share * (1 - share) / variance, len(holds)) if told else people
    return wilson(share, count)


def moved(values: NDArray[np.float64], patients: NDArray[np.int64]) -> NDArray[np.float64]:
    """How far each patient moves the mean of studies' values.

    Args:
        values: of the n studies, (n,).
        patients: of the studies, (n,).

    Returns:
        One number for each patient, in the order of their numbers.
    """
    _, patient = np.unique(patients, return_inverse=True)
    return np.bincount(patient, values - values.mean()) / len(values)
