"""Where films lie among each other: a space of few dimensions, crowding, and groups."""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans

DIMENSIONS = 64
"""Principal components that distances are measured in."""
NEIGHBOURS = 20
"""Neighbours by which crowding is told."""
_BLOCK = 1024
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


def crowding(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how crowded the place of each film is, 0 to 1 by rank: (n,).

    A film's typicality is the inverse of its mean distance to its nearest neighbours (Hacohen,
    Dekel and Weinshall 2022, "Active learning on a budget"). It is ranked, so that a few copies of
    one film do not outweigh all others.
    """
    near = min(NEIGHBOURS, len(points) - 1)
    if near < 1:
        return np.ones(len(points), np.float32)
    mean = np.empty(len(points), np.float32)
    for start in range(0, len(points), _BLOCK):
        likeness = points[start : start + _BLOCK] @ points.T
        nearest = np.partition(likeness, -near - 1, axis=1)[:, -near - 1 :]
        mean[start : start + _BLOCK] = nearest.sum(1) - nearest.max(1)
    ranks = mean.argsort(kind="stable").argsort(kind="stable")
    return (ranks / max(len(points) - 1, 1)).astype(np.float32)


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
