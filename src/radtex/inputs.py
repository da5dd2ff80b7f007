"""Inputs that a user names: they must be there, and only plain files of bounded size are read.

Whatever reads a file that was named, or found below a folder, opens it here. So a pipe is never
waited for, a device never read without end, and a file that is larger than any of its kind costs
no memory.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from radtex.errors import RadtexError

NO_PLAIN_FILE = "no plain file, such as a pipe or a device"
"""What is said of a pipe, a socket or a device."""

LARGEST_TEXT = 2**26
"""Bytes of a text that a command of ours wrote, such as a description, at most."""

MISSING = "image file is missing or may not be read"

_MISSING = {errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.EACCES, errno.ENAMETOOLONG}
_SHORTAGES = {errno.ENOMEM, errno.EMFILE, errno.ENFILE}


def require_input(path: Path, kind: type[RadtexError], expected: str) -> None:
    """Refuse an input that is not there.

    Args:
        path: a file or a folder.
        kind: of the error.
        expected: what it was to be.

    Raises:
        RadtexError: of that kind, if `path` does not exist, or cannot.
    """
    try:
        there = path.exists()
    except PermissionError:
        raise
    except OSError as error:
        raise kind(f"{path} cannot be read ({_reason(error)}); expected {expected}") from error
    if not there:
        raise kind(f"{path} does not exist; expected {expected}")


def open_input(
    path: Path | str, most: int | None, kind: type[RadtexError], name: str | None = None
) -> BinaryIO:
    """Open a plain file for reading, without waiting for anything.

    Args:
        path: the file.
        most: bytes above which it is refused; None for a reader that stops early by itself.
        kind: of the error.
        name: what messages call it; by default its path.

    Raises:
        RadtexError: of that kind, if it is no plain file, too large, or no file can have its name.
        OSError: if it is not there, is a folder, or cannot be opened.
    """
    called = str(path) if name is None else name
    try:
        _refuse(Path(path).stat(), most, kind, called)  # a device may act on being opened
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        file = os.fdopen(os.open(path, flags), "rb")
    except ValueError as error:  # NUL, or half a character
        raise kind(f"{called} has a name that no file can have") from error
    try:
        _refuse(os.fstat(file.fileno()), most, kind, called)
    except BaseException:
        file.close()
        raise
    return file


def read_input(
    path: Path | str, most: int, kind: type[RadtexError], name: str | None = None
) -> bytes:
    """Read a plain file as a whole; arguments and errors are those of `open_input`."""
    with open_input(path, most, kind, name) as file:
        return file.read(os.fstat(file.fileno()).st_size)


def read_text_input(path: Path | str, kind: type[RadtexError], most: int = LARGEST_TEXT) -> str:
    """Read a plain file of UTF-8 as a whole; arguments and errors are those of `open_input`.

    Raises:
        UnicodeDecodeError: if it is no UTF-8.
    """
    return read_input(path, most, kind).decode()


def why_unread(error: OSError) -> str:
    """Return why one file of many could not be read, as the cohort flow says it.

    Raises:
        OSError: the error itself, where not the file but this machine is to blame: no memory, or
            too many open files.
    """
    if error.errno in _SHORTAGES:
        raise error
    if error.errno in _MISSING:
        return MISSING
    if error.errno == errno.ELOOP:
        return "link that leads in a circle"
    return f"file cannot be read ({_reason(error)})"


def _refuse(status: os.stat_result, most: int | None, kind: type[RadtexError], called: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), called)
    if not stat.S_ISREG(status.st_mode):
        raise kind(f"{called} is {NO_PLAIN_FILE}")
    if most is not None and status.st_size > most:
        raise kind(f"{called} is larger than {most:,} bytes")


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
