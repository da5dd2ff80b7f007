"""Typed cells of Excel and Parquet as the text that a CSV would hold."""

from datetime import date, datetime, time

import numpy as np


def cell_text(cell: object) -> str:
    """Return a cell as text.

    Whole numbers have no decimal point, dates are YYYY-MM-DD, and booleans True or False; what is
    missing is "".
    """
    if cell is None:
        return ""
    if isinstance(cell, (float, np.floating)):
        return "" if np.isnan(cell) else str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    if isinstance(cell, datetime | date | time):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)
