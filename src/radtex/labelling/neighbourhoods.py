"""Where films lie among each other: a space of few dimensions, and groups in it."""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans

DIMENSIONS = 64
"""Principal components that distances are measured in."""
_LARGE = 5000
"""Films from which on groups are found in batches."""


def reduced(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return features (n, D) as principal components of length 1, (n, d) with d up to DIMENSIONS.

    Each feature is standardised before; one that is constant counts for nothing.
    """
    deviation = features.std(0)
    scaled = (features - features.mean(0)) / np.where(deviation > 0, deviation, np.inf)
    if scaled.shape[1] > len(scaled):
        left, sizes, _ = np.linalg.svd(scaled, full_matrices=False)
        components = (left * sizes)[:, :DIMENSIONS]
    else:
        _, vectors = np.linalg.eigh(scaled.T @ scaled)
        components = scaled @ vectors[:, ::-1][:, :DIMENSIONS]
    length = np.linalg.norm(components, axis=1, keepdims=True)
    return np.asarray(components / np.where(length > 0, length, 1), np.float32)


def groups(
    points: NDArray[np.float32],
    count: int,
    seed: int,
    weights: NDArray[np.float32] | None = None,
) -> NDArray[np.int64]:
    """Return the number of the group of each film, of at most `count` groups, by k-means: (n,).

    Args:
        points: (n, d).
        count: groups to make.
        seed: of the first centres.
        weights: (n,), how much each film counts; by default all alike.
    """
    if count >= len(points):
        return np.arange(len(points))
    kind = MiniBatchKMeans if len(points) > _LARGE else KMeans
    found = kind(count, n_init=1, random_state=seed).fit(points, sample_weight=weights)
    return np.asarray(found.labels_, np.int64)
