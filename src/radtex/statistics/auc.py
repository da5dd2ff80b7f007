"""The area under the ROC curve, and what each test patient contributes to it."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def auc(scores: Tensor, positive: NDArray[np.bool_]) -> tuple[NDArray[np.float64], Tensor]:
    """Compute the AUC of many score columns and its structural components.

    The component of a positive study is the share of negatives that are scored lower, and that of
    a negative study the share of positives that are scored higher. A tie counts one half (DeLong,
    DeLong and Clarke-Pearson 1988, Biometrics 44:837). The AUC is the mean of the components of
    either class.

    Args:
        scores: (n, k).
        positive: (n,), with both classes.

    Returns:
        The AUC (k,) and the components (n, k), float64.
    """
    of_positive = torch.from_numpy(positive).to(scores.device)
    columns = scores.T
    above, below = columns[:, of_positive].contiguous(), columns[:, ~of_positive].contiguous()
    components = torch.empty(columns.shape, dtype=torch.float64, device=scores.device)
    components[:, of_positive] = _share_lower(above, below)
    components[:, ~of_positive] = 1 - _share_lower(below, above)
    return components[:, of_positive].mean(1).cpu().numpy(), components.T


def _share_lower(values: Tensor, others: Tensor) -> Tensor:
    """Of each row's `others`, the share below each of its `values`; a tie is one half."""
    ordered = others.sort(1).values
    lower = torch.searchsorted(ordered, values)
    lower_or_equal = torch.searchsorted(ordered, values, right=True)
    return (lower + lower_or_equal).double() / (2 * others.shape[1])


def influence(
    components: NDArray[np.float64],
    positive: NDArray[np.bool_],
    patients: NDArray[np.int64],
    patient_count: int,
) -> NDArray[np.float64]:
    """Compute how far each test patient moves the AUC.

    The sum of squares over patients is the variance of the AUC over test patients (the
    infinitesimal jackknife). It is that of Obuchowski 1997 (Biometrics 53:567) for clustered data,
    including its small-sample factor I / (I - 1) over the I patients of a class; with one study
    per patient it is DeLong's. It is NaN where all studies of a class are of one patient.

    Args:
        components: (n, k), those of `auc` or their mean over repeats.
        positive: (n,), with both classes.
        patients: (n,), the patient of each study, numbered from 0.
        patient_count: number of patients.

    Returns:
        (patient_count, k); each column sums to about 0.
    """
    moved = np.zeros((patient_count, components.shape[1]))
    for side in (True, False):
        of_class = components[positive == side]
        theirs = patients[positive == side]
        factor = small_sample(theirs) / len(of_class)
        np.add.at(moved, theirs, factor * (of_class - of_class.mean(0)))
    return moved


def small_sample(patients: NDArray[np.int64]) -> float:
    """Return √(I / (I - 1)) for the I patients among these; NaN for one, who tells no variance."""
    clusters = len(np.unique(patients))
    return math.sqrt(clusters / (clusters - 1)) if clusters > 1 else math.nan
