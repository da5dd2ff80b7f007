"""An objective made ready to train: its device, its memory layout, and its faster parts."""

import torch

from radtex.compute.depthwise import speed_up_depthwise
from radtex.compute.linear_layer import speed_up_linear
from radtex.pretraining.loop.activation_checkpointing import checkpoint_activations
from radtex.pretraining.loop.training_options import TrainingOptions
from radtex.pretraining.objectives.objective import Objective


def set_up_network(objective: Objective, options: TrainingOptions, device: torch.device) -> None:
    """Change in place how an objective computes; names and values of its weights stay.

    Raises:
        RecipeError: if activations are to be checkpointed and the backbone cannot.
    """
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    objective.to(device)
    objective.encoder.to(memory_format=layout)
    if not options.compile:
        speed_up_depthwise(objective.encoder)
        speed_up_linear(objective)
    if options.activation_checkpointing:
        checkpoint_activations(objective)
