"""The command that repeats a result."""

import shlex
from collections.abc import Sequence
from pathlib import Path


def command_line(
    command: str, *words: str, **options: str | int | float | bool | Path | Sequence[object] | None
) -> str:
    """Spell a command for a shell: words first, then an option for each value that was given.

    A sequence becomes several words behind one option, True an option alone; None and False leave
    theirs out.
    """
    parts = [*command.split(), *words]
    for name, value in options.items():
        if value is None or value is False:
            continue
        parts.append("--" + name.replace("_", "-"))
        if value is True:
            continue
        if isinstance(value, Sequence) and not isinstance(value, str):
            parts.extend(map(str, value))
        else:
            parts.append(str(value))
    return shlex.join(parts)
