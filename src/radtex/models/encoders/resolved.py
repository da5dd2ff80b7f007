"""An encoder ready to use, whatever it was resolved from."""

from dataclasses import dataclass, field
from typing import Any

from radtex.models.encoder import Encoder, Interpolation


@dataclass(frozen=True)
class ResolvedEncoder:
    """An encoder ready to use, with where it comes from.

    Attributes:
        source: "random", "imagenet", "run", "timm", "file", "xrv" or "rad-dino".
        objective: what a run was trained for; None otherwise.
        mean, std: grey levels 0..255 that the encoder expects to become 0 and 1.
        interpolation: how images of another size are resized for it.
        patients: SHA-256 of the patients it was trained or selected on.
        description: facts for a reader: backbone, input size, weights, training.
    """

    encoder: Encoder
    source: str
    mean: float
    std: float
    objective: str | None = None
    patients: frozenset[str] = frozenset()
    description: dict[str, Any] = field(default_factory=dict)
    interpolation: Interpolation = "bilinear"
