"""Outputs appear whole or not at all: they are written aside and renamed into place."""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from inspect import signature
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

from radtex.errors import OutputError, RadtexError

try:
    import fcntl
except ImportError as error:
    raise RadtexError(
        "radtex runs on Linux and macOS: this system has no file locks (Python's module fcntl)"
    ) from error

P = ParamSpec("P")
T = TypeVar("T")

_HELD = {errno.EACCES, errno.EAGAIN}
_UNFOLLOWED = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_IN_THE_WAY = {errno.ELOOP, errno.EISDIR, errno.ENXIO}
"""How a link, a folder or a pipe in the place of a lock file is refused."""
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP}


def _read_umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_UMASK = _read_umask()
"""Read once: reading it means changing it, which threads must not do beside each other."""


def refuse_existing(out: Path) -> None:
    """Refuse to overwrite an output.

    Raises:
        OutputError: if `out` exists.
    """
    with explain_write_errors(out):
        there = out.exists() or out.is_symlink()
    if there:
        raise OutputError(
            f"{out} already exists; choose another --out, or remove it if it is no longer needed"
        )


@contextmanager
def explain_write_errors(out: Path) -> Iterator[None]:
    """Turn a full disk or a forbidden place into one line that names `out`.

    Raises:
        OutputError: if the block could not write.
    """
    try:
        yield
    except OSError as error:
        reasons = {
            errno.ENOSPC: "the disk is full",
            errno.EDQUOT: "the disk quota is used up",
            errno.EACCES: "writing there is not permitted",
            errno.EROFS: "the file system is read-only",
            errno.EFBIG: "the file would be larger than allowed",
            errno.EIO: "the disk reports an error",
            errno.ENOTDIR: "a part of that path is a file",
            errno.EEXIST: "a part of that path is a file",
            errno.ENAMETOOLONG: "the name is too long",
            errno.ELOOP: "a link in that path leads in a circle",
        }
        if error.errno not in reasons:
            raise
        raise OutputError(
            f"cannot write {out}: {reasons[error.errno]}; nothing half-written stands under that "
            "name; mend that, or choose another place, and repeat the command"
        ) from error


@contextmanager
def sole_writer(out: Path) -> Iterator[None]:
    """Keep other processes from working on `out` while the block runs.

    The lock is the operating system's: it ends with the process, however that ends. On a file
    system that has no locks, nothing is kept apart. The lock file is opened without being followed
    or emptied: whoever plants a link in its place gains nothing. Folders made for `out` are
    removed where the block fails and leaves them empty.

    Raises:
        OutputError: if another process holds the lock, or something else stands in its place.
    """
    path = out.with_name(f".{out.name}.lock")
    with ExitStack() as held:
        with explain_write_errors(out):
            missing = [each for each in (out.parent, *out.parent.parents) if not each.exists()]
            held.push(partial(_remove_if_failed, missing))
            out.parent.mkdir(parents=True, exist_ok=True)
            lock = held.enter_context(_lock_file(path))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                raise _taken(out) from error
            if error.errno not in _NO_LOCKS:
                raise
        if not os.fstat(lock.fileno()).st_nlink:  # its holder ended between the two calls
            raise _taken(out)
        held.callback(path.unlink, missing_ok=True)
        yield


@contextmanager
def new_output(out: Path) -> Iterator[None]:
    """Make a file or a folder that no other process makes at the same time.

    Args:
        out: what the block makes.

    Raises:
        OutputError: if `out` exists, or another process is at work on it.
    """
    refuse_existing(out)
    with sole_writer(out):
        refuse_existing(out)  # another process may have ended between the two
        yield


def makes_alone(*names: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a function be the only one to make the outputs that these of its arguments name.

    Args:
        names: of arguments that are paths, or None where nothing is written.

    Returns:
        A decorator; what it makes raises `OutputError` as `new_output` does.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def alone(*args: P.args, **options: P.kwargs) -> T:
            given = signature(function).bind_partial(*args, **options).arguments
            with ExitStack() as held:
                for name in names:
                    if given.get(name) is not None:
                        held.enter_context(new_output(Path(given[name])))
                return function(*args, **options)

        return alone

    return decorate


def _remove_if_failed(folders: list[Path], error: type[BaseException] | None, *_: object) -> None:
    """Remove folders that were made for an output which was not."""
    if error is not None:
        for folder in folders:
            try:
                folder.rmdir()
            except OSError:  # something was put into it, or it was never made
                return


def _lock_file(path: Path) -> IO[bytes]:
    return os.fdopen(open_unfollowed(path, os.O_RDWR | os.O_CREAT), "r+b", buffering=0)


def open_unfollowed(path: Path, flags: int) -> int:
    """Open a plain file that is ours, without following a link or waiting for anything.

    Args:
        path: the file.
        flags: of `os.open`.

    Returns:
        Its number, which the caller closes.

    Raises:
        OutputError: if something else stands in its place.
        OSError: if it cannot be opened.
    """
    try:
        number = os.open(path, flags | _UNFOLLOWED, 0o666)
    except OSError as error:
        if error.errno not in _IN_THE_WAY:
            raise
        raise _planted(path) from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise _planted(path)
    return number


def _planted(path: Path) -> OutputError:
    return OutputError(
        f"{path} is no plain file, and radtex keeps one of its own there; remove it and repeat the "
        "command"
    )


def is_held(out: Path) -> bool:
    """Tell whether a process of this machine is inside `sole_writer(out)`.

    A lock file that a killed process left is tried by a shared lock, for an instant.
    """
    try:
        lock = os.open(out.with_name(f".{out.name}.lock"), os.O_RDONLY | _UNFOLLOWED)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _HELD
    finally:
        os.close(lock)
    return False


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """Write a file aside; it replaces `out` when the block ends well.

    Yields:
        A path beside `out` to write to.
    """
    with explain_write_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = out.with_name(f".{out.name}.{os.getpid()}.partial")
        try:
            yield aside
            aside.chmod(0o666 & ~_UMASK)
            _flush(aside)
            aside.replace(out)
        finally:
            aside.unlink(missing_ok=True)


@contextmanager
def whole_folder(out: Path, aside: Path | None = None) -> Iterator[Path]:
    """Fill a folder aside; it becomes `out` when the block ends well.

    Args:
        out: the folder to make.
        aside: the folder to fill, on the file system of `out`; what a killed process left in it is
            removed. By default a new one beside `out`.

    Yields:
        An empty folder to fill.

    Raises:
        OutputError: if `out` exists.
    """
    refuse_existing(out)
    with explain_write_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        if aside is None:
            aside = Path(tempfile.mkdtemp(".partial", f".{out.name}.", out.parent))
            aside.chmod(0o777 & ~_UMASK)
        else:
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir()
        try:
            yield aside
            for file in aside.rglob("*"):
                if file.is_file():
                    _flush(file)
            aside.rename(out)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def write_text(out: Path, text: str) -> None:
    """Write a text file as UTF-8; it appears whole or not at all."""
    with whole_file(out) as aside:
        aside.write_text(text, encoding="utf-8")


def _flush(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())


def _taken(out: Path) -> OutputError:
    return OutputError(
        f"another process is at work on {out}; wait until it has ended, or choose another place"
    )
