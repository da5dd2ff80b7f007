"""An encoder ready to use, whatever it was resolved from."""

from dataclasses import dataclass, field
from typing import Any

from radtex.corpus.pseudonyms.pseudonyms import NOBODY, Pseudonyms
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.vision_tower import VisionTower
from radtex.models.film_hashes import Hashes
from radtex.models.run import Run


@dataclass(frozen=True)
class ResolvedEncoder:
    """An encoder ready to use, with where it comes from."""

    encoder: Encoder | VisionTower
    """In evaluation mode."""
    source: str
    """"random", "imagenet", "run", "timm", "file", "xrv", "rad-dino", "hf" or "hub" (an export)."""
    takes: EncoderInput
    """What makes an image the tensor that it was made for."""
    objective: str | None = None
    """What a run was trained for; None otherwise."""
    patients: Pseudonyms = NOBODY
    """Pseudonyms of the patients it was trained or selected on."""
    description: dict[str, Any] = field(default_factory=dict)
    """Facts for a reader: backbone, input size, weights, training."""
    films: Hashes | None = None
    """Of a run, hashes of the films it was trained or selected on; None where none were kept."""
    run: Run | None = field(default=None, repr=False)
    """The run that it is; None otherwise."""
