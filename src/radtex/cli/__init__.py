"""The commands. Each maps its words to a function of a room; defaults live there, not here."""

import errno
import io
import logging
import os
import re
import signal
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path

from cyclopts import App, CycloptsError

from radtex import __version__
from radtex.cli.classifiers import predict, validate
from radtex.cli.corpus import corpus_app
from radtex.cli.defaults import shows_defaults_of
from radtex.cli.explaining import explain
from radtex.cli.first_process import is_first_process
from radtex.cli.generation import ask, generate
from radtex.cli.help_pages import RadtexHelp
from radtex.cli.interchange import export
from radtex.cli.labelling import label, next_films
from radtex.cli.parameters import given
from radtex.cli.pretraining import pretrain, recipes, runs
from radtex.cli.recipe_help import RecipeHelp
from radtex.cli.scoring import score
from radtex.cli.serving import serve
from radtex.cli.spellings import as_shown
from radtex.cli.terminal import SentenceFormatter, as_shown_on
from radtex.cli.transfer import plan, transfer
from radtex.errors import RadtexError, StoppedError
from radtex.interrupting import interrupt
from radtex.printable import one_line

app = App(
    name="radtex",
    version=__version__,
    help=(
        "Learn to read chest radiographs from their reports, so that a classifier needs few labels."
    ),
    help_formatter=RadtexHelp(),
    suppress_keyboard_interrupt=False,  # main says how to go on
    result_action="return_value",  # and what was printed is sent on before the command ends
)


@app.command
@shows_defaults_of("radtex.demo:demo")
def demo(*, out: Path | None = None, sample_data: Path | None = None) -> None:
    """Run everything once on synthetic radiographs, in some minutes on a CPU.

    Args:
        out: Folder for the results. Repeat an interrupted command to resume it.
        sample_data: A folder to make instead, of synthetic films, reports and labels as a hospital
            might export them, to try the other commands on. It takes seconds.
    """
    from radtex.demo import demo as run_demo

    run_demo(**given(out=out, sample_data=sample_data))


app.command(pretrain, help_formatter=RecipeHelp())
app.command(next_films, name="next")
for command in (
    corpus_app,
    label,
    recipes,
    runs,
    transfer,
    plan,
    predict,
    validate,
    export,
    generate,
    ask,
    score,
    explain,
    serve,
):
    app.command(command)


STOPPED = os.EX_TEMPFAIL
"""Exit status of work that was asked to end and can be resumed: 75, "try again later"."""
PATIENCE = 10.0
"""Seconds that the other processes of `torchrun` wait for the first to say why it ends."""
_TERMINATED = 128 + signal.SIGTERM
_SHORT_OF_MEMORY = (
    "the memory does not suffice; free some, or ask for less: smaller images (--size), "
    "fewer processes (--workers), or a smaller batch"
)
_ALLOCATION = re.compile(
    r"(?:can't|cannot|failed to) allocate|not enough memory|out of memory|bad_alloc|ALLOC_FAILED",
    re.IGNORECASE,
)
"""What torch says in its own errors, which are no `MemoryError`."""


def main() -> None:
    """Run a command; a user's mistake ends in one line on standard error.

    Of several processes that `torchrun` started, the first speaks for all.
    """
    level = logging.INFO if is_first_process() else logging.ERROR
    _replace_closed_streams()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SentenceFormatter("%(message)s"))
    # What other packages tell of their work holds ids of films, and helps no user.
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler])
    logging.getLogger("radtex").setLevel(level)
    warnings.formatwarning = _in_one_line
    logging.captureWarnings(True)  # those of other packages may quote names of findings
    signal.signal(signal.SIGTERM, interrupt)
    os.environ["MPLBACKEND"] = "agg"  # figures are files; that of a notebook may be missing here
    try:
        _refuse_removed_folder()
        app(as_shown(sys.argv[1:]), exit_on_error=False, print_error=False)
        sys.stdout.flush()
        sys.exit(0)
    except CycloptsError as error:
        _end(" ".join(str(error).split()), 2)
    except StoppedError as error:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what it asks for is being done
        if not is_first_process():
            sys.exit(STOPPED)
        _end(_with_code(error), STOPPED)
    except RadtexError as error:
        _end(_with_code(error), 1)
    except BrokenPipeError:  # whoever read the output, such as `head`, has seen enough
        _let_go_of_output()
        sys.exit(1)
    except OSError as error:
        _let_go_of_output()
        _end(_of_system(error), 1)
    except MemoryError:
        _end(_SHORT_OF_MEMORY, 1)
    except RuntimeError as error:
        if not _ALLOCATION.search(str(error)):
            raise
        _end(_SHORT_OF_MEMORY, 1)
    except KeyboardInterrupt as error:
        _end(
            "interrupted; repeat the command to resume corpus build, corpus fetch, demo or "
            "fine-tuning; pretrain needs --resume",
            _TERMINATED if error.args == (signal.SIGTERM,) else 130,
        )


def _in_one_line(message: Warning | str, category: type[Warning], *_: object, **__: object) -> str:
    return one_line(f"{category.__name__}: {message}")


class _Closed(io.TextIOBase):
    """A stream that takes nothing, and so has nothing to flush when the interpreter ends."""

    def write(self, _text: str, /) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def _replace_closed_streams() -> None:
    """Let what is printed to a closed stream be an error, and no file take its number."""
    if sys.stdout is None:
        _take_number(1)
        sys.stdout = _Closed()
    if sys.stderr is None:
        _take_number(2)
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def _take_number(number: int) -> None:
    while (taken := os.open(os.devnull, os.O_RDONLY)) < number:
        pass
    if taken > number:
        os.close(taken)


def _refuse_removed_folder() -> None:
    try:
        Path.cwd()
    except FileNotFoundError as error:
        raise RadtexError(
            "the folder that the command was started in was removed; go to another one"
        ) from error


def _let_go_of_output() -> None:
    """Send what still waits to be printed nowhere, or the interpreter would fail on it again."""
    with suppress(OSError, ValueError):  # ValueError: a stream of a test has no number
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _with_code(error: RadtexError) -> str:
    """Return an error's message, and the code that names its page in docs/reference/errors."""
    return f"{error} [{error.code}]"


def _of_system(error: OSError) -> str:
    """Return a line on an error of the operating system."""
    reason = (error.strerror or str(error)).lower()
    if error.errno == errno.EBADF:
        return "standard output is closed; send it to a file or a pipe"
    if error.filename is None:
        return f"standard output, or a file, cannot be read or written: {reason}"
    return f"{error.filename} may not be read or written: {reason}"


def _end(message: str, status: int) -> None:
    if not is_first_process():
        # As soon as one process ends, torchrun ends the others: the first shall have spoken.
        try:
            time.sleep(PATIENCE)
        except KeyboardInterrupt:
            sys.exit(status)
    print(as_shown_on(sys.stderr, f"radtex: {one_line(message)}"), file=sys.stderr)
    sys.exit(status)
