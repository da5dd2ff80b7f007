"""Bounds of the fields of an options dataclass: `epochs: Annotated[int, AtLeast(1)]`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AtLeast:
    """Marks a field that a smaller number does not suit."""

    least: float
    """The smallest number that does."""

    def admits(self, value: float) -> bool:
        """Say whether a number suits the field."""
        return value >= self.least

    def __str__(self) -> str:
        return f">= {self.least}"


@dataclass(frozen=True)
class Above:
    """Marks a field that only larger numbers suit."""

    limit: float
    """The largest number that does not."""

    def admits(self, value: float) -> bool:
        """Say whether a number suits the field."""
        return value > self.limit

    def __str__(self) -> str:
        return f"> {self.limit}"


@dataclass(frozen=True)
class AtMost:
    """Marks a field that a larger number does not suit."""

    most: float
    """The largest number that does."""

    def admits(self, value: float) -> bool:
        """Say whether a number suits the field."""
        return value <= self.most

    def __str__(self) -> str:
        return f"<= {self.most}"


Bound = AtLeast | Above | AtMost
