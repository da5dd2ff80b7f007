"""Activation checkpointing: memory for time. Blocks are run again in the backward pass."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from radtex.errors import RecipeError
from radtex.models.decoder import Block
from radtex.pretraining.objectives.objective import Objective

LAYERS = (Block, nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)


def checkpoint_activations(objective: Objective) -> None:
    """Keep only the inputs of the encoder's stages and of each transformer layer.

    What is run again draws the same dropout, and sees the same batch-norm statistics, so losses
    and gradients stay as they are. Names of weights stay too.

    Raises:
        RecipeError: if the backbone has no stages that timm knows to run again.
    """
    network = objective.encoder.network
    try:
        network.set_grad_checkpointing(True)
    except (AttributeError, AssertionError) as error:
        raise RecipeError(
            f"--activation-checkpointing: timm cannot run {objective.encoder.backbone} again in "
            "parts; choose another backbone or leave it off"
        ) from error
    for module in objective.modules():
        if isinstance(module, LAYERS):
            setattr(module, "forward", _Again(module.forward))  # noqa: B010 — mypy


class _Again:
    """A forward pass that is run again where there is a gradient to find."""

    def __init__(self, forward: Callable[..., object]) -> None:
        self.forward = forward

    def __call__(self, *inputs: Any, **named: Any) -> object:
        if torch.is_grad_enabled():
            return checkpoint(self.forward, *inputs, use_reentrant=False, **named)
        return self.forward(*inputs, **named)
