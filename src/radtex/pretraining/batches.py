"""The order of an epoch: a function of rows, lengths, seed and epoch alone."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
"""Rows of a corpus."""

POOL = 50
"""batches among which rows are sorted by length, so that a batch pads little and stays random"""


def epoch_batches(
    rows: Rows,
    lengths: NDArray[np.int64],
    batch_size: int,
    seed: int,
    epoch: int,
) -> list[Rows]:
    """Deal every row of `rows` into one batch, in random order, similar lengths together.

    Args:
        rows: (n,) rows of the corpus.
        lengths: (N,) tokens per row of the corpus; equal lengths leave the order purely random.

    Returns:
        ceil(n / batch_size) batches; the last drawn may be smaller than the others.
    """
    rng = np.random.default_rng([seed, epoch])
    shuffled = rng.permutation(rows)
    batches: list[Rows] = []
    for start in range(0, len(shuffled), POOL * batch_size):
        pool = shuffled[start : start + POOL * batch_size]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += [pool[i : i + batch_size] for i in range(0, len(pool), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def micro_batches(batch: Rows, lengths: NDArray[np.int64], parts: int) -> list[Rows]:
    """Cut a batch into `parts` of nearly equal size, similar lengths together; or empty ones."""
    return np.array_split(batch[np.argsort(lengths[batch], kind="stable")], parts)


def steps_per_epoch(rows: int, batch_size: int) -> int:
    """How many steps see every row once."""
    return -(-rows // batch_size)
