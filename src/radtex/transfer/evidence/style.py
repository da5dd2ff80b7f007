"""How encoders are told apart in every picture: colours, markers and lines."""

from typing import Any

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours for any colour vision, without yellow, which is too pale for text."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LETTER = 0.075
"""Inches that a letter of 9 points takes, about."""
LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 3)))


def style(number: int) -> dict[str, Any]:
    """How encoder `number` is drawn; past the seventh, hollow markers tell colours apart."""
    again, place = divmod(number, len(COLOURS))
    shape = (place + 3 * again) % len(MARKERS)
    return {
        "color": COLOURS[place],
        "marker": MARKERS[shape],
        "markerfacecolor": "white" if again else COLOURS[place],
        "linestyle": LINES[shape],
    }
