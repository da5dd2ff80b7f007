"""How far the features of an image are from those of the films that a classifier was made from.

The measure is the squared Mahalanobis distance, divided by the number of features. Features are
first brought to length 1 (Mueller and Hein 2025, "Mahalanobis++"): an image that is no film changes
which features are active, and how strong all are together says little. They are not standardised:
a feature that is rarely active has hardly a deviation, and divided by that, the first held-out film
that has it is thousands of deviations away. The covariance is shrunk towards a multiple of
the identity (Ledoit and Wolf 2004, "A well-conditioned estimator for large-dimensional covariance
matrices"), which bounds what any direction can count; its COMPONENTS greatest principal components
keep their own variances, and all directions beside them share their mean. So an image is strange
where it goes too far along the pool's directions, or where it leaves them.

Classifiers of format 1 standardised features of any length. They are read, and answer as before.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

COMPONENTS = 64
"""Principal components that keep their own variances."""
_LEAST_VARIANCE = 1e-12  # where images are fewer than components, and nothing is shrunk


@dataclass(frozen=True)
class Familiarity:
    """Where the features of films lie: D features, k components."""

    mean: Tensor
    """Mean of each feature, (D,)."""
    scale: Tensor
    """What each feature is multiplied by, (D,)."""
    components: Tensor
    """Principal components, (k, D), orthonormal."""
    variances: Tensor
    """Variance along each component, (k,)."""
    rest: float
    """Variance of each of the other directions."""
    unit: bool = False
    """Whether features are first brought to length 1."""

    def distance(self, features: Tensor) -> NDArray[np.float64]:
        """Squared distance per feature, float64 (B,), of features (B, D)."""
        rows = features.double()
        rows = ((normalize(rows) if self.unit else rows) - self.mean) * self.scale
        along = rows @ self.components.T
        beside = (rows.square().sum(1) - along.square().sum(1)).clamp(min=0)
        squared = (along.square() / self.variances).sum(1) + beside / self.rest
        return np.asarray((squared / rows.shape[1]).cpu().numpy())


def fit_familiarity(features: Tensor) -> Familiarity:
    """Mean and shrunk covariance of features (n, D) of length 1, n of 2 or more."""
    from sklearn.covariance import ledoit_wolf_shrinkage

    rows = normalize(features.double())
    mean = rows.mean(0)
    rows = rows - mean
    count, width = rows.shape
    shrinkage = float(ledoit_wolf_shrinkage(rows.cpu().numpy(), assume_centered=True))
    kept = min(COMPONENTS, count - 1, width)
    _, singular, directions = torch.linalg.svd(rows, full_matrices=False)
    values = torch.zeros(width, dtype=rows.dtype)
    values[: len(singular)] = singular.square().cpu() / count
    shrunk = (1 - shrinkage) * values + shrinkage * values.mean()
    beside = float(shrunk[kept:].mean()) if kept < width else 1.0
    return Familiarity(
        mean,
        torch.ones_like(mean),
        directions[:kept].contiguous(),
        shrunk[:kept].clamp(min=_LEAST_VARIANCE).to(mean.device),
        max(beside, _LEAST_VARIANCE),
        unit=True,
    )
