"""Contestants that offer layers of their encoder in place of its last."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from radtex.errors import ProtocolError
from radtex.models.encoder import Encoder
from radtex.models.encoders.encoder_layer import EncoderLayer, Layer
from radtex.models.encoders.vision_tower import VisionTower
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.entry_syntax import LAST


def offering(contestant: Contestant, layers: Sequence[Layer | None]) -> Contestant:
    """Return the contestant at a layer, or with several that a protocol chooses from.

    Args:
        contestant: at its last layer.
        layers: the layers as `EncoderLayer` counts them, None for the last; nothing changes where
            there is none.

    Raises:
        ProtocolError: if the contestant has no layers.
        RunError: if its network does not have one of them.
    """
    if not layers:
        return contestant
    encoder = contestant.encoder
    if not isinstance(encoder, Encoder | VisionTower):
        raise ProtocolError(f"{contestant.name} has no layers; leave them out")
    names = [LAST if layer is None else layer for layer in layers]
    each = [
        replace(
            contestant,
            name=f"{contestant.name}, layer {name}" if len(layers) > 1 else contestant.name,
            encoder=encoder if layer is None else EncoderLayer(encoder, layer),
        )
        for layer, name in zip(layers, names, strict=True)
    ]
    return replace(
        each[0],
        name=contestant.name,
        description={**contestant.description, "layers": names},
        offered=tuple(each) if len(each) > 1 else (),
    )


def layer_shares(
    contestants: Sequence[Contestant], fits: Mapping[str, Any]
) -> dict[str, dict[str, float]]:
    """Return the share of draws that chose each layer, by the contestants that offered several.

    Args:
        contestants: who was measured.
        fits: of each, by name; those of a protocol that chooses layers have `layers`, (draws,), the
            place of the layer among those offered.
    """
    offered = {each.name: each.description.get("layers", ()) for each in contestants}
    return {
        name: {
            str(layer): float(np.mean(fits[name].layers == place))
            for place, layer in enumerate(layers)
        }
        for name, layers in offered.items()
        if len(layers) > 1
    }
