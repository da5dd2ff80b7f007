"""How deep each weight of a network lies, for learning rates that grow with depth."""

from typing import Any

from timm.models import group_parameters
from torch import nn


def depths(encoder: nn.Module) -> dict[str, int]:
    """The stage of every parameter by name, 0 for the stem; they count up to the output.

    The stages are timm's own of the encoder's `network` (its coarse `group_matcher`: stem and
    stages, or blocks of a transformer). A network that timm has not described is one stage.
    """
    names = [name for name, _ in encoder.named_parameters()]
    network: Any = getattr(encoder, "network", None)
    if not hasattr(network, "group_matcher"):
        return dict.fromkeys(names, 0)
    stages = group_parameters(network, network.group_matcher(coarse=True), reverse=True)
    return {name: stages.get(name.removeprefix("network."), 0) for name in names}
