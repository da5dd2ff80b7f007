"""Whether an image is like those that a classifier was made from.

The test is the squared Mahalanobis distance of an image's pooled features from those of the pool,
divided by their number, so that it is about 1 for a film of the pool. Features are standardised;
their covariance is shrunk towards a multiple of the identity (Ledoit and Wolf 2004, "A
well-conditioned estimator for large-dimensional covariance matrices"); its COMPONENTS greatest
principal components keep their own variances, and all directions beside them share their mean. So
an image is strange where it goes too far along the pool's directions, or where it leaves them.

The limit is the QUANTILE of the distances of pool images, each held out: a fifth of the patients at
a time is measured from the others.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf_shrinkage
from torch import Tensor

COMPONENTS = 256
"""Principal components that keep their own variances."""
QUANTILE = 0.99
"""Share of the pool's images, each held out, that lie within the limit."""
_PARTS = 5
_LEAST_VARIANCE = 1e-6  # where images are fewer than components, and nothing is shrunk


@dataclass(frozen=True)
class Familiarity:
    """Where the features of films lie: D features, k components."""

    mean: Tensor
    """Mean of each feature, (D,)."""
    scale: Tensor
    """One over the deviation of each feature, (D,); 0 for a feature that never changes."""
    components: Tensor
    """Principal components, (k, D), orthonormal."""
    variances: Tensor
    """Variance along each component, (k,)."""
    rest: float
    """Variance of each of the other directions."""

    def distance(self, features: Tensor) -> NDArray[np.float64]:
        """Squared distance per feature, float64 (B,), of features (B, D)."""
        rows = (features.double() - self.mean) * self.scale
        along = rows @ self.components.T
        beside = (rows.square().sum(1) - along.square().sum(1)).clamp(min=0)
        squared = (along.square() / self.variances).sum(1) + beside / self.rest
        return np.asarray((squared / rows.shape[1]).cpu().numpy())


@dataclass(frozen=True)
class Abstention:
    """The test: an image farther than `limit` is given no answer."""

    familiarity: Familiarity
    """What measures the distance."""
    limit: float
    """The greatest distance that is answered."""
    held_out: int
    """Number of distances that the limit was chosen among."""

    def reason(self, distance: float) -> str:
        """Why an image of that distance is given no answer; "" if it is given one."""
        if distance <= self.limit:
            return ""
        return (
            f"unlike the radiographs it was made from: distance {distance:.2f}, "
            f"limit {self.limit:.2f}"
        )


def fit_abstention(
    features: Tensor, patients: NDArray[np.int64], rng: np.random.Generator
) -> Abstention:
    """Learn the test from the images of a pool.

    Args:
        features: of the images, (n, D).
        patients: of the images, (n,).
        rng: deals the patients into the parts that are held out in turn.
    """
    people, patient = np.unique(patients, return_inverse=True)
    part = (rng.permutation(len(people)) % _PARTS)[patient]
    distances = np.concatenate(
        [
            fit_familiarity(features[part != held]).distance(features[part == held])
            for held in range(min(_PARTS, len(people)))
        ]
    )
    # The rank for which a new image of the same kind lies beyond with 1 − QUANTILE at most.
    rank = min(int(np.ceil((len(distances) + 1) * QUANTILE)), len(distances))
    return Abstention(
        fit_familiarity(features), float(np.sort(distances)[rank - 1]), len(distances)
    )


def fit_familiarity(features: Tensor) -> Familiarity:
    """Mean and shrunk covariance of features (n, D), n of 2 or more."""
    rows = features.double()
    deviation, mean = torch.std_mean(rows, 0, correction=0)
    scale = torch.where(deviation > 0, 1 / deviation, 0.0)
    rows = (rows - mean) * scale
    count, width = rows.shape
    shrinkage = float(ledoit_wolf_shrinkage(rows.cpu().numpy(), assume_centered=True))
    kept = min(COMPONENTS, count - 1, width)
    values, vectors = torch.linalg.eigh(rows.T @ rows / count)
    values, vectors = values.flip(0), vectors.flip(1)
    shrunk = (1 - shrinkage) * values + shrinkage * values.mean()
    beside = float(shrunk[kept:].mean()) if kept < width else 1.0
    return Familiarity(
        mean,
        scale,
        vectors[:, :kept].T.contiguous(),
        shrunk[:kept].clamp(min=_LEAST_VARIANCE),
        max(beside, _LEAST_VARIANCE),
    )
