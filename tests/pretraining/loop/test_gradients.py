"""Gradients of micro-batches, added as a tree."""

import pytest
import torch
from torch import nn

from radtex.pretraining.loop.gradients import GradientSum
from radtex.pretraining.loop.processes import Processes

ALONE = Processes(0, 1, torch.device("cpu"))


@pytest.mark.parametrize("parts", [1, 2, 4, 8, 3, 5])
def test_the_sum_is_right_and_is_a_tree(parts: int) -> None:
    generator = torch.Generator().manual_seed(parts)
    parameters = [nn.Parameter(torch.zeros(7)), nn.Parameter(torch.zeros(2, 3))]
    pieces = [[torch.randn(p.shape, generator=generator) for p in parameters] for _ in range(parts)]

    total = GradientSum(parameters, ALONE)
    for piece in pieces:
        for parameter, gradient in zip(parameters, piece, strict=True):
            parameter.grad = gradient.clone()
        total.add()
        assert all(parameter.grad is None for parameter in parameters)
    total.finish()

    def tree(items: list[torch.Tensor]) -> torch.Tensor:
        if len(items) == 1:
            return items[0]
        half = 1 << ((len(items) - 1).bit_length() - 1)
        return tree(items[:half]) + tree(items[half:])

    for i, parameter in enumerate(parameters):
        assert parameter.grad is not None
        assert torch.equal(parameter.grad, tree([piece[i] for piece in pieces]))


def test_a_weight_without_gradient_counts_as_zero() -> None:
    used, unused = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2))
    total = GradientSum([used, unused], ALONE)
    used.grad = torch.ones(2)
    total.add()
    total.finish()
    assert torch.equal(used.grad, torch.ones(2))
    assert unused.grad is not None
    assert torch.equal(unused.grad, torch.zeros(2))


def test_the_scale_of_the_loss_is_taken_out_and_the_length_is_that_of_all_weights() -> None:
    """A power of two changes no bit."""
    parameters = [nn.Parameter(torch.zeros(7)), nn.Parameter(torch.zeros(2, 3))]
    pieces = [torch.randn(p.shape, generator=torch.Generator().manual_seed(1)) for p in parameters]
    lengths = []
    for scale in (1.0, 64.0):
        total = GradientSum(parameters, ALONE)
        for parameter, piece in zip(parameters, pieces, strict=True):
            parameter.grad = scale * piece
        total.add()
        lengths.append(total.finish(scale).item())
        for parameter, piece in zip(parameters, pieces, strict=True):
            assert parameter.grad is not None
            assert torch.equal(parameter.grad, piece)
    expected = torch.cat([piece.flatten() for piece in pieces]).norm().item()
    assert lengths == pytest.approx([expected] * 2, rel=1e-6)
    total.discard()
    assert all(parameter.grad is None for parameter in parameters)
