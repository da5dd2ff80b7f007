"""Which code made numbers: the rules by a number raised by hand, the code by its commit."""

import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

PROTOCOL_VERSION = 2
"""Raised by hand whenever the same command gives other numbers than before.

2: intervals count the pool that all repeats share; targets, subgroups and pilots need patients of
each class, not studies; uncertain labels are no truth of a test. 1: all before.
"""

_SECONDS = 10


def code_version() -> dict[str, Any]:
    """Return the version of radtex and, where it runs from a checkout, its commit.

    `commit` is None elsewhere, and ends in "+changes" where files of the package were changed.
    """
    return {"radtex": version("radtex"), "commit": commit_of(Path(__file__).parents[1])}


@cache
def commit_of(folder: Path) -> str | None:
    """Return the commit of a checkout; None where git tracks no file `__init__.py` of the folder.

    So a package that was installed below another project's checkout does not take its commit.
    """
    if _git(folder, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None
    head = _git(folder, "rev-parse", "HEAD")
    if head is None:
        return None
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return f"{head}+changes" if changed else head


def _git(folder: Path, *words: str) -> str | None:
    """What git answers; None where there is no git, or it knows nothing of the folder."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
