"""Outputs appear whole or not at all: they are written aside and renamed into place."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from radtex.errors import OutputError


def refuse_existing(out: Path) -> None:
    """Raise `OutputError` if `out` exists; an output is never overwritten silently."""
    if out.exists() or out.is_symlink():
        raise OutputError(
            f"{out} already exists; choose another --out, or remove it if it is no longer needed"
        )


@contextmanager
def explain_write_errors(out: Path) -> Iterator[None]:
    """Turn a full disk or a forbidden place into one `OutputError` that names `out`."""
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
        }
        if error.errno not in reasons:
            raise
        raise OutputError(
            f"cannot write {out}: {reasons[error.errno]}; nothing was left half-written; "
            "mend that, or choose another --out, and repeat the command"
        ) from error


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """Yield a path beside `out` to write to; it replaces `out` when the block ends well."""
    with explain_write_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = out.with_name(f".{out.name}.{os.getpid()}.partial")
        try:
            yield aside
            aside.chmod(0o666 & ~_umask())
            _flush(aside)
            aside.replace(out)
        finally:
            aside.unlink(missing_ok=True)


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Yield an empty folder beside `out` to fill; it becomes `out` when the block ends well.

    Raises `OutputError` if `out` exists.
    """
    refuse_existing(out)
    with explain_write_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
        try:
            aside.chmod(0o777 & ~_umask())
            yield aside
            for file in aside.rglob("*"):
                if file.is_file():
                    _flush(file)
            aside.rename(out)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def write_text(out: Path, text: str) -> None:
    """Write `text` to `out` as UTF-8, whole."""
    with whole_file(out) as aside:
        aside.write_text(text, encoding="utf-8")


def _flush(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
