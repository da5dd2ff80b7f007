"""Which key of a table means which id of an image, and by how much they differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Pairing:
    """The keys of one column, compared with one property of all images."""

    meant: Mapping[str, str]
    """The id that a key means; keys that mean none are left out."""
    ways: Mapping[str, str] = field(default_factory=dict)
    """In what a key differs from the id that it means; keys that are equal are left out."""
    ambiguous: Mapping[str, str] = field(default_factory=dict)
    """Why a key that fits several ids, or shares its id with another key, means none."""
