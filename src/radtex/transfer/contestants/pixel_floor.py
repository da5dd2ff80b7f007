"""The floor of a comparison: what the grey levels alone give, without any encoder."""

from dataclasses import replace

from torch import Tensor, nn

from radtex.models.encoder_input import EncoderInput
from radtex.transfer.contestants.contestant import Contestant

PIXELS = "pixels"
SIDE = 16
"""Grey levels along each side, unless a size is asked for."""


class GreyLevels(nn.Module):
    """Gives the grey levels of an image, one after another, as the channels of one cell."""

    def forward(self, images: Tensor) -> Tensor:
        """Float (B, 1, S, S) → (B, S², 1, 1)."""
        return images.flatten(1)[:, :, None, None]


def pixel_floor(takes: EncoderInput, name: str = PIXELS, side: int | None = None) -> Contestant:
    """Make the floor: films shrunk to `side` × `side` grey levels.

    Args:
        takes: what the corpus gives; its grey levels.
        name: of the contestant.
        side: grey levels along each side, `SIDE` by default.
    """
    size = SIDE if side is None else side
    return Contestant(
        name,
        "floor",
        GreyLevels(),
        replace(takes, size=size),
        {"architecture": "none", "input_size": size, "weights": "none: the grey levels themselves"},
        sized=True,
    )
