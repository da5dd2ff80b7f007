"""Options that were given, and not those that were left out."""

from typing import Any


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given: defaults live in the function that takes them."""
    return {name: value for name, value in options.items() if value is not None}
