"""How much faster this processor does one thing than another, in some milliseconds."""

import time
from collections.abc import Callable

ROUNDS = 6
"""How often each is done: both in turn, of which the fastest counts, as others may be at work."""


def relative_speed(one: Callable[[], object], other: Callable[[], object]) -> float:
    """How many times as fast as `one` this machine does `other`; each is done once before."""
    one()
    other()
    rounds = [_seconds(one, other) for _ in range(ROUNDS)]
    of_one, of_other = (min(times) for times in zip(*rounds, strict=True))
    return float(of_one / of_other)


def _seconds(*works: Callable[[], object]) -> list[float]:
    seconds: list[float] = []
    for work in works:
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds
