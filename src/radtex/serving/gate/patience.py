"""How long a film that was let in may wait for its turn; then it is told to come back."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from radtex.serving.problems import ProblemError

_UNTIL: ContextVar[float] = ContextVar("until", default=math.inf)


class WaitedTooLongError(ProblemError):
    """A film whose turn did not come in time: 429, as if it had not been let in."""

    def __init__(self) -> None:
        """Ask to come back in a second."""
        super().__init__(
            429,
            "busy",
            "Other films took longer than was expected, and this one waited too long for its "
            "turn. Please try again in 1 second.",
            {"Retry-After": "1"},
        )


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let what this task begins in the block wait until then, and no longer.

    Args:
        seconds: from now.
    """
    token = _UNTIL.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _UNTIL.reset(token)


def until() -> float:
    """Return by when the turn of the task's film must have come, on the monotonic clock."""
    return _UNTIL.get()


def seconds_left() -> float | None:
    """Return for how long the task's film may wait yet; None without end."""
    left = until() - time.monotonic()
    return None if math.isinf(left) else max(left, 0.0)
