"""The least value that a field of an options dataclass may have."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AtLeast:
    """Marks a field that a smaller number does not suit: `epochs: Annotated[int, AtLeast(1)]`."""

    least: float
