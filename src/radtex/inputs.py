"""Inputs that must be there."""

from pathlib import Path

from radtex.errors import RadtexError


def require_input(path: Path, kind: type[RadtexError], expected: str) -> None:
    """Refuse an input that is not there.

    Args:
        path: a file or a folder.
        kind: of the error.
        expected: what it was to be.

    Raises:
        RadtexError: of that kind, if `path` does not exist.
    """
    if not path.exists():
        raise kind(f"{path} does not exist; expected {expected}")
