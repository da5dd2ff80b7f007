"""Phrases that the flags of several protocols share, and the shares of what their draws chose."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


def listed(parts: Iterable[str]) -> str:
    """Join the parts of a sentence that is a list, and end it."""
    return "; ".join(parts) + "."


def lone_classes(cross_validated: NDArray[np.bool_], consequence: str) -> list[str]:
    """Say of how many draws (draws,) nothing could be held out; nothing where there is none."""
    alone = int((~cross_validated).sum())
    if not alone:
        return []
    return [
        f"In {alone} of {len(cross_validated)} draws a class came from one patient, so that "
        f"{consequence}."
    ]


def shares(choices: NDArray[np.int64], values: Sequence[float]) -> dict[str, float]:
    """Return the share of draws that chose each value, from their places (draws,) in `values`."""
    return {f"{value:g}": float(np.mean(choices == place)) for place, value in enumerate(values)}
