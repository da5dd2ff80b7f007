"""Activations that are computed again change nothing but the memory."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from fixtures.passes import (
    ROWS,
    assert_gradients_close,
    bicaptioning,
    contrastive,
    joint,
    masked,
    passes,
)
from radtex.errors import RecipeError
from radtex.models.encoder import Encoder
from radtex.pretraining.loop.activation_checkpointing import checkpoint_activations
from radtex.pretraining.objectives.captioning import Captioning
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.objectives.supervised import Supervised


@pytest.mark.parametrize("build", [bicaptioning, joint, contrastive, masked])
def test_activation_checkpointing_leaves_loss_gradients_and_statistics(
    build: Callable[[float], Objective],
) -> None:
    """Dropout is drawn again alike, and batch-norm does not count its batch twice."""
    plain, again = build(0.3), build(0.3)
    names = list(again.state_dict())
    checkpoint_activations(again)
    assert passes(again).train(3, ROWS) == passes(plain).train(3, ROWS)
    assert_gradients_close(again, plain, 1e-6)
    assert list(again.state_dict()) == names
    for name, buffer in plain.named_buffers():
        assert torch.equal(again.get_buffer(name), buffer), name


def test_activation_checkpointing_keeps_fewer_activations() -> None:
    def kept(objective: Captioning) -> int:
        sizes: list[int] = []

        def pack(tensor: Tensor) -> Tensor:
            sizes.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            objective.train()(torch.zeros(len(ROWS), 1, 64, 64), objective.targets(ROWS))
        return sum(sizes)

    plain, again = bicaptioning(0.0), bicaptioning(0.0)
    checkpoint_activations(again)
    assert kept(again) < 0.7 * kept(plain)


def test_a_backbone_that_cannot_be_run_again_is_refused_in_one_line() -> None:
    objective = Supervised(Encoder("vgg11", 64), np.zeros((2, 1), dtype=np.float32), ("a",))
    with pytest.raises(RecipeError, match="cannot run vgg11 again"):
        checkpoint_activations(objective)
