"""A choice that is measured once on a machine, and kept, so that equal commands give equal bytes.

It stands in `$XDG_CACHE_HOME/radtex/choices`, else in `~/.cache/radtex/choices`, in a file named by
the choice and by what it depends on: the processor and the version of torch. Whoever measured
first is followed, by other processes of the same run, too. A file may be removed at any time; the
choice is then measured anew.
"""

import hashlib
import logging
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

_log = logging.getLogger(__name__)

_CPUINFO = Path("/proc/cpuinfo")
_WORDS = {b"yes": True, b"no": False}


def kept_choice(name: str, measure: Callable[[], bool]) -> bool:
    """Return the choice that is kept on this machine, measured if there is none.

    Where nothing can be kept it is measured for this process.

    Args:
        name: of the choice, fit for a file's name.
        measure: makes it.
    """
    base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    file = base / "radtex" / "choices" / f"{name}-{_machine()}"
    try:
        kept = _read(file)
        if kept is None:
            _write(file, measure())
            kept = _read(file)
    except (OSError, RuntimeError) as error:  # RuntimeError: no home folder
        _log.info("the choice of %s is measured anew: %s", name, type(error).__name__)
        kept = None
    return measure() if kept is None else kept


def _read(file: Path) -> bool | None:
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            return _WORDS.get(opened.read(8))
    except FileNotFoundError:
        return None


def _write(file: Path, choice: bool) -> None:
    """Put a choice in its place, whole, unless another process was there before."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, aside = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "wb") as opened:
        opened.write(b"yes" if choice else b"no")
    try:
        os.link(aside, file)
    except FileExistsError:
        pass
    finally:
        Path(aside).unlink()


def _machine() -> str:
    """What a choice depends on, as 16 hex digits."""
    model = platform.machine()
    if _CPUINFO.is_file():
        lines = _CPUINFO.read_text(encoding="ascii", errors="replace").splitlines()
        model += next((line for line in lines if line.startswith("model name")), "")
    about = f"{model} {torch.backends.cpu.get_cpu_capability()} {torch.__version__}"
    return hashlib.sha256(about.encode()).hexdigest()[:16]
