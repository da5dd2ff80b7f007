"""The order of an epoch: a function of rows, seed and epoch alone."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
"""Rows of a corpus."""


def epoch_batches(rows: Rows, batch_size: int, seed: int, epoch: int) -> list[Rows]:
    """Deal every one of (n,) `rows` into one batch, at random.

    Similar lengths do not lie together: a long report is one of a sick patient, so that a batch of
    long ones has no healthy image to tell them from (docs/evidence.md).

    Returns:
        ceil(n / batch_size) batches; one, anywhere, may be smaller than the others.
    """
    rng = np.random.default_rng([seed, epoch])
    shuffled = rng.permutation(rows)
    batches = [shuffled[i : i + batch_size] for i in range(0, len(shuffled), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def micro_batches(batch: Rows, parts: int) -> list[Rows]:
    """Cut a batch into `parts` of nearly equal size; or empty ones."""
    return np.array_split(batch, parts)


def steps_per_epoch(rows: int, batch_size: int) -> int:
    """How many steps see every row once."""
    return -(-rows // batch_size)
