"""Tables of text for a terminal, and numbers with their intervals."""

from collections.abc import Sequence

from radtex.printable import one_line
from radtex.statistics.intervals import Estimate


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells as lines of text, each column as wide as its widest cell."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def with_interval(value: Estimate) -> str:
    """Return an AUC and its interval: `0.72 [0.69, 0.75]`."""
    return f"{value.mean:.2f} [{value.low:.2f}, {value.high:.2f}]"


def signed_with_interval(value: Estimate) -> str:
    """Return a difference and its interval: `+0.031 [+0.010, +0.052]`."""
    return f"{value.mean:+.3f} [{value.low:+.3f}, {value.high:+.3f}]"


def p_value(p: float) -> str:
    """Return a p value to three places: `0.042`, `< 0.001`."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
