"""What takes over the lines of `metrics.jsonl`, and what of them and of a recipe it is told."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any


class Logger(ABC):
    """Takes the lines of `metrics.jsonl`, one by one."""

    @abstractmethod
    def write(self, entry: Mapping[str, float]) -> None:
        """Note the numbers of one line under its `step`."""

    @abstractmethod
    def close(self) -> None:
        """Hand over what is still held back."""


def points(entry: Mapping[str, float]) -> dict[str, float]:
    """Return the numbers of a line but its step, by name."""
    return {
        name: float(value)
        for name, value in entry.items()
        if name != "step" and isinstance(value, int | float)
    }


def leaves(recipe: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a recipe by their own names, without the sections."""
    found: dict[str, str] = {}
    for name, value in recipe.items():
        found |= leaves(value) if isinstance(value, Mapping) else {name: str(value)}
    return found


def one_line(error: Exception) -> str:
    """Return the message of an error of a library in one line."""
    return " ".join(str(error).split())
