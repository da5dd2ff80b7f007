"""Cells of tables that spreadsheets open: text that they would run as a formula is shielded.

Excel and its kin run a cell that begins with `=`, `+`, `-` or `@`, also one of a CSV. Such text
gets an apostrophe before it, which says that it is text; numbers never do. Text that looks as if
it had been shielded gets one more, so that `unshielded` gives back every text.
"""

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

_RUN = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|nan)")


def shielded(text: str) -> str:
    """Return a cell of text as it is written.

    Example:
        >>> [shielded(text) for text in ("=1+1", "-0.5", "Edema", "'+")]
        ["'=1+1", '-0.5', 'Edema', "''+"]
    """
    return f"'{text}" if _RUN.match(text) and not _NUMBER.fullmatch(text) else text


def unshielded(text: str) -> str:
    """Return the text that `shielded` was given."""
    return text[1:] if text.startswith("'") and _RUN.match(text) else text


def shielded_table(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return a table whose cells and columns of text are shielded."""
    safe = table.copy()
    for place, dtype in enumerate(table.dtypes):
        if dtype.kind == "O":
            cells = [
                shielded(cell) if isinstance(cell, str) else cell for cell in table.iloc[:, place]
            ]
            safe.isetitem(place, np.array([*cells, None], dtype=object)[:-1])
    return safe.rename(columns=lambda name: shielded(str(name)))
