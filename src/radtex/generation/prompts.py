"""Prompts: how reports are made to begin."""

from pathlib import Path

from radtex.errors import RunError


def choose_prompts(prompt: str | None, file: Path | None) -> list[str]:
    """The prompts of a file, or the one that was given, or "" for none.

    Raises `RunError` if both are given, or the file cannot be read.
    """
    if prompt is not None and file is not None:
        raise RunError("a prompt and a file of prompts were given; choose one of both")
    return read_prompts(file) if file is not None else [(prompt or "").strip()]


def read_prompts(path: Path) -> list[str]:
    """Read a file of prompts, one a line; blank lines are left out.

    Raises `RunError` if it is missing, no UTF-8 text, or empty.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"cannot read the prompts {path}: expected a UTF-8 text file") from error
    prompts = [line.strip() for line in lines if line.strip()]
    if not prompts:
        raise RunError(f"{path} holds no prompt; expected one a line")
    return prompts
