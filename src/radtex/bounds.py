"""Bounds of the fields of an options dataclass: `epochs: Annotated[int, AtLeast(1)]`."""

from dataclasses import dataclass
from typing import Annotated, get_args, get_origin, get_type_hints


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


def refuse_out_of_bounds(options: object) -> None:
    """Refuse an options dataclass with a number that its field does not admit, or no number.

    Raises:
        ValueError: if there is one; the message names the field.
    """
    for field, hint in get_type_hints(type(options), include_extras=True).items():
        value = getattr(options, field)
        if get_origin(hint) is not Annotated:
            continue
        kind, *bounds = get_args(hint)
        if isinstance(value, bool) or not isinstance(value, int | float if kind is float else kind):
            raise ValueError(f"{field} is {value!r}, which is no {kind.__name__}")
        for bound in bounds:
            if isinstance(bound, Bound) and not bound.admits(value):
                raise ValueError(f"{field} is {value}; expected {bound}")
