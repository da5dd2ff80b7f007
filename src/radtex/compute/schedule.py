"""How a learning rate changes from step to step."""

import math


def cosine(done: float) -> float:
    """The share of the peak that is left when a share `done`, 0 to 1, of the descent is over."""
    return 0.5 * (1 + math.cos(math.pi * done))
