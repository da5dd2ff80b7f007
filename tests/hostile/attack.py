"""What an attack on the command line is, and what must stand after it.

The modules of `registry` list attacks; `test_attacks` runs each in a process of its own, with time
and memory bounded: those of its `EVERY_TIME` in `make test`, all in `make soak`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Stage:
    """What commands need beside the hostile input; attacks must not change it, but may copy it."""

    corpus: Path
    """A corpus of 120 films of 64 px, with all four splits."""
    run: Path
    """A run that writes reports, two steps old."""
    classifier: Path
    """A classifier of Edema and Effusion."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int | None
    """Its exit status; negative for the signal that ended it, None where it had to be killed."""
    out: str
    """What it wrote to standard output; bytes that are no text are escaped."""
    err: str
    """The same of standard error."""
    seconds: float
    """How long it took."""
    megabytes: int
    """How much its memory grew."""


Make = Callable[[Stage, Path], Sequence[object]]
"""Makes the input in an empty folder, and returns the words after `radtex`; the command runs in
that folder."""


def nothing(_folder: Path, _ended: Ended) -> None:
    """Check nothing more."""


@dataclass(frozen=True)
class Attack:
    """A command on hostile or messy input, and what is expected of it.

    A traceback, a wait, and memory beyond bounds fail any attack.
    """

    name: str
    """In words; no other attack has it."""
    command: str
    """Whose attack it is: `corpus build`, `predict`, …"""
    make: Make = field(repr=False)
    """Makes the input."""
    status: int
    """The exit status that is expected: 0 where the rest of the input counts."""
    says: str = ""
    """A regular expression that both outputs together must hold."""
    never: Sequence[str] = ()
    """What neither output may hold, such as a patient's name."""
    check: Callable[[Path, Ended], None] = field(default=nothing, repr=False)
    """Looks at what the command left in the folder."""
    seconds: float = 120
    """After which it counts as hanging."""
    megabytes: int = 1024
    """Address space that it may take, beyond what the interpreter and the libraries take."""
    stdout: str = ""
    """A device in place of a file for standard output, such as /dev/full; "closed" for none."""
    no_root: bool = False
    """Whether permissions of files must bind the command, also where root runs the tests."""
    before: str = ""
    """MODULE:FUNCTION of `hostile`, called in the process before the command."""
