"""SIGTERM, by which a system asks a program to end, does what Ctrl-C does."""

import signal
from types import FrameType


def interrupt(signum: int, _: FrameType | None = None) -> None:
    """Handle SIGTERM in the command line: unwind as for Ctrl-C; a second one ends at once.

    Raises:
        KeyboardInterrupt: always, with the number of the signal.
    """
    signal.signal(signum, signal.SIG_DFL)
    raise KeyboardInterrupt(signum)
