"""The one place where torch's global generator is set, and put back."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def derived_seed(*key: int) -> int:
    """A 64-bit seed that depends on every number of `key` (non-negative)."""
    return int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0])


@contextmanager
def seeded(*key: int) -> Iterator[None]:
    """Run the block with torch's generators seeded from `key`; their states return afterwards."""
    with torch.random.fork_rng():
        torch.manual_seed(derived_seed(*key))
        yield
