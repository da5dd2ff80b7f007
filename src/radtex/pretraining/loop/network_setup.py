"""An objective made ready to train: its device, its memory layout, and its faster parts."""

import logging

import torch

from radtex.compute.depthwise import speed_up_depthwise
from radtex.compute.half_precision import speed_of
from radtex.compute.linear_layer import speed_up_linear
from radtex.pretraining.loop.activation_checkpointing import checkpoint_activations
from radtex.pretraining.loop.forward import AUTOCAST
from radtex.pretraining.loop.training_options import TrainingOptions
from radtex.pretraining.objectives.objective import Objective

_log = logging.getLogger(__name__)


def set_up_network(objective: Objective, options: TrainingOptions, device: torch.device) -> None:
    """Change in place how an objective computes; names and values of its weights stay.

    Raises:
        RecipeError: if activations are to be checkpointed and the backbone cannot.
    """
    _warn_of_slow_precision(options, device)
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    objective.to(device)
    objective.encoder.to(memory_format=layout)
    if not options.compile:
        speed_up_depthwise(objective.encoder)
        speed_up_linear(objective)
    if options.activation_checkpointing:
        checkpoint_activations(objective)


def _warn_of_slow_precision(options: TrainingOptions, device: torch.device) -> None:
    kind = AUTOCAST.get(options.precision)
    if kind is not None and device.type == "cpu" and (speed := speed_of(kind)) < 1:
        _log.warning(
            "this processor multiplies in %s at %.2f times the speed of float32; "
            "leave --precision off",
            options.precision,
            speed,
        )
