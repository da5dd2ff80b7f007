"""The one place where torch's global generator is set, and put back."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def derived_seed(*key: int) -> int:
    """Derive a 64-bit seed from every number of a key.

    Args:
        key: non-negative. Keys that must differ are of one length: zeros at the end of a short
            one do not count.
    """
    return int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0])


@contextmanager
def seeded(*key: int) -> Iterator[None]:
    """Run the block with torch's generators seeded from a key, and put their states back.

    Args:
        key: as in `derived_seed`.
    """
    with torch.random.fork_rng():
        torch.manual_seed(derived_seed(*key))
        yield
