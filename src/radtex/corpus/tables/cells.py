"""Typed cells of Excel and Parquet as the text that a CSV would hold."""

import math
from datetime import date, datetime, time

import numpy as np

_EXACT = 2**53
"""Below it a float tells each whole number from the next."""


def cell_text(cell: object) -> str:
    """Return a cell as text.

    Whole numbers have no decimal point, dates are YYYY-MM-DD, and booleans True or False; what is
    missing is "". A number too large for its digits to be sure has an exponent ("1.2e+19").
    """
    if cell is None:
        return ""
    if isinstance(cell, (float, np.floating)):
        value = float(cell)
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else str(cell)
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    if isinstance(cell, datetime | date | time):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)
