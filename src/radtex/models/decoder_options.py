"""The shape of a decoder."""

from dataclasses import dataclass
from typing import Annotated

from radtex.bounds import AtLeast, AtMost


@dataclass(frozen=True)
class DecoderOptions:
    """Shape of the decoder."""

    hidden: Annotated[int, AtLeast(1), AtMost(16_384)] = 1024
    """Width H of the token states."""
    layers: Annotated[int, AtLeast(1), AtMost(128)] = 1
    """Blocks per direction."""
    heads: Annotated[int, AtLeast(1), AtMost(16_384)] = 16
    """Attention heads; must divide `hidden`."""
    feedforward: Annotated[int, AtLeast(1), AtMost(65_536)] = 4096
    """Width of the feed-forward layer."""
    dropout: Annotated[float, AtLeast(0), AtMost(1)] = 0.1
    """Dropout rate after the embedding, in the attention weights and after each sublayer."""
