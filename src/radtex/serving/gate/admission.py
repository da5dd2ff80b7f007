"""How many films are worked on: those beyond what can be answered in time are told to come back."""

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from radtex.serving.gate.patience import WaitedTooLongError, patience
from radtex.serving.problems import ProblemError

_FEW = 4
"""Films that are let in however long they take."""
_REMEMBERED = 64
_SOON = 2.0
"""Seconds for which an upload counts as a film at work."""


class Admission:
    """Counts the films at work, and how fast they are answered."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin without films.

        Args:
            most: films at a time.
            seconds: within which a film should be answered.
            clock: seconds that only go forward, whatever happens to the time of day.
        """
        self._most, self._seconds, self._clock = most, seconds, clock
        self._gaps: deque[float] = deque(maxlen=_REMEMBERED)
        self._last = clock()
        self._uploads: dict[object, float] = {}
        self.inside = 0
        """Films at work."""
        self.refused = 0
        """Films that were told to come back."""

    @property
    def seconds_per_film(self) -> float:
        """Between two answers while several films were at work; 0 before any."""
        return sum(self._gaps) / len(self._gaps) if self._gaps else 0.0

    def expect(self, seconds_per_film: float) -> None:
        """Say how fast films are answered, as measured before the first one."""
        self._gaps.append(seconds_per_film)

    @contextmanager
    def upload(self) -> Iterator[None]:
        """Receive a film while the block runs.

        For a short while it counts as one at work; then it is slow, and holds up no other.

        Raises:
            ProblemError: if there are too many already: 429, with the seconds to wait.
        """
        now = self._clock()
        soon = sum(now - began < _SOON for began in self._uploads.values())
        self._refuse_beyond(self.inside + soon)
        own = object()
        self._uploads[own] = now
        try:
            yield
        finally:
            del self._uploads[own]

    def _refuse_beyond(self, films: int) -> None:
        ahead = (films + 1) * self.seconds_per_film
        if films >= self._most or (films >= _FEW and ahead > self._seconds):
            self.refused += 1
            wait = max(1, math.ceil(ahead - self._seconds / 2))
            raise ProblemError(
                429,
                "busy",
                f"{films} films are being read already, and this one would wait too long. "
                f"Please try again in {wait} {'second' if wait == 1 else 'seconds'}.",
                {"Retry-After": str(wait)},
            )

    @contextmanager
    def film(self) -> Iterator[None]:
        """Count a film at work while the block runs: one that was received.

        Beyond a few, it waits for its turn no longer than it should take (`patience`).

        Raises:
            ProblemError: if there are too many already: 429, with the seconds to wait.
        """
        self._refuse_beyond(self.inside)
        if not self.inside:
            self._last = self._clock()
        self.inside += 1
        try:
            with patience(self._seconds if self.inside > _FEW else math.inf):
                yield
        except WaitedTooLongError:
            self.refused += 1
            raise
        finally:
            now = self._clock()
            if self.inside > 1:
                self._gaps.append(now - self._last)
            self._last = now
            self.inside -= 1
