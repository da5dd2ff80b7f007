"""Names of columns as messages show them, and not a first line that is a patient's row."""

import re
from collections.abc import Sequence

_LONGEST = 40
"""Characters of a name."""
_MOST_SHOWN = 100
_CONTENT = re.compile(
    r"[\d.,:/ -]+|.*\d\D?\d\D?\d\D?\d.*|.*[\n\r@^].*|.*[/\\\\].*\.\w{2,5}|.*[.!?]\s+[A-Z].*",
    re.DOTALL,
)
"""A number or a date, four digits nearly in a row, a DICOM name, an address, a path, sentences."""


def shown_columns(header: Sequence[str]) -> str:
    """Return the names of columns for a message; if one looks like contents, only their kinds.

    A table without a header line has its first row in place of names.

    Args:
        header: the first line of a table.

    Example:
        >>> shown_columns(["image", "patient_id"])
        'image, patient_id'
        >>> shown_columns(["films/1.png", "Miller"]).partition(";")[0]
        '2 that look like a row (a text of 11 characters, a text of 6 characters)'
    """
    names = [name for name in header if name]
    if not is_of_names(names):
        kinds = ", ".join(map(_kind, names[:8])) + (", …" if names[8:] else "")
        return (
            f"{len(names)} that look like a row ({kinds}); if the table has no line of names, add "
            "one at its top"
        )
    return ", ".join(names[:_MOST_SHOWN]) + (", …" if names[_MOST_SHOWN:] else "")


def is_of_names(header: Sequence[str]) -> bool:
    """Tell whether a first line holds nothing but what may be names of columns."""
    return not any(map(_looks_like_contents, header))


def _looks_like_contents(name: str) -> bool:
    return len(name) > _LONGEST or not name.isprintable() or bool(_CONTENT.fullmatch(name))


def _kind(name: str) -> str:
    if name.isdecimal():
        return f"a number of {len(name)} digits"
    return f"a text of {len(name)} characters"
