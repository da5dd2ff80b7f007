"""What interrupts a training between two steps: the clock, for a checkpoint, and SIGTERM."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum

from radtex.errors import StoppedError
from radtex.interrupting import interrupt
from radtex.pretraining.loop.processes import Processes


@dataclass
class Termination:
    """Whether this process was asked to end, by SIGTERM."""

    asked: bool = False
    """Whether the signal has come."""
    waits: bool = False
    """Whether someone looks at `asked` often; else the signal ends what runs at once."""

    def note(self, *_: object) -> None:
        """Take the signal; a second one asks for nothing new.

        Raises:
            StoppedError: if nobody looks at `asked`.
        """
        before, self.asked = self.asked, True
        if not (self.waits or before):
            raise StoppedError(
                "SIGTERM came outside the steps, so no checkpoint was kept; repeat the command "
                "with --resume"
            )


@contextmanager
def termination_noted() -> Iterator[Termination]:
    """Let SIGTERM be noted while the block runs.

    The signal is left alone where the program handles it itself, other than as the command line
    does, and outside of its main thread.

    Yields:
        What says whether it has come.
    """
    termination = Termination()
    before = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or before not in (
        signal.SIG_DFL,
        interrupt,
    ):
        yield termination
        return
    signal.signal(signal.SIGTERM, termination.note)
    try:
        yield termination
    finally:
        signal.signal(signal.SIGTERM, before)


class Interruption(IntEnum):
    """What follows a step; what is more urgent is larger."""

    NONE = 0
    CHECKPOINT = 1
    STOP = 2


@dataclass
class Interruptions:
    """Asks after each step what interrupts the training: the same in all its processes."""

    processes: Processes
    """Who must do the same."""
    termination: Termination
    """Of this process; one that was asked to end stops all."""
    minutes: float | None = None
    """Between checkpoints, by the clock of the first process. None: only as steps are due."""
    clock: Callable[[], float] = time.monotonic
    """Seconds."""

    def __post_init__(self) -> None:
        self.kept()

    def kept(self) -> None:
        """A checkpoint was kept just now."""
        self._last = self.clock()

    def after_step(self) -> Interruption:
        """Say what all processes do now; each must ask after every step."""
        own = Interruption.NONE
        if self.minutes is not None and self.clock() - self._last >= 60 * self.minutes:
            own = Interruption.CHECKPOINT if self.processes.first else own
        if self.termination.asked:
            own = Interruption.STOP
        return Interruption(self.processes.largest(own))
