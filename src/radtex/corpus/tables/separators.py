"""What stands between the cells of a CSV: a comma, or what Excel writes in its place."""

import csv
import re
from collections.abc import Sequence

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
"""What may stand between cells, and its name; in doubt, the first of them."""

_STATED = re.compile(r'\s*"?sep=(.)"?[\s,;|]*', re.IGNORECASE | re.DOTALL)
_ROWS = 50
"""Rows by which separators are compared."""


def stated_separator(line: str) -> str:
    """Return the separator that a line such as "sep=;" states for Excel; "" for other lines."""
    found = _STATED.fullmatch(line)
    return found[1] if found and found[1] in SEPARATORS else ""


def find_separator(lines: Sequence[str]) -> str:
    """Return what separates cells: what gives the longest header that most rows agree with.

    Args:
        lines: the first of the table, from its header on.
    """
    found = {separator: _columns(lines, separator) for separator in SEPARATORS}
    return max(found, key=lambda separator: found[separator])


def _columns(lines: Sequence[str], separator: str) -> tuple[bool, int]:
    """Return whether at least half of the rows have the header's columns, and how many those are.

    A header of one column is agreed with by no row.
    """
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(lines, delimiter=separator):
            if any(cell.strip() for cell in cells):
                rows.append(cells)
            if len(rows) > _ROWS:
                break
    except csv.Error:  # such as a cell of extreme length: the rows before it tell
        pass
    if not rows:
        return False, 0
    header, *body = rows
    names = "".join("x" if name.strip() else " " for name in header).rstrip()
    agreeing = sum(fits(cells, len(names)) for cells in body)
    return len(names) > 1 and 2 * agreeing >= len(body), len(names)


def fits(cells: Sequence[str], columns: int) -> bool:
    """Tell whether a row has so many cells, and beyond them only blank ones."""
    return len(cells) >= columns and not any(map(str.strip, cells[columns:]))
