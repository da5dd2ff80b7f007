"""Linear layers whose products, forwards and backwards, are oneDNN's where that is faster."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from radtex.compute.onednn import onednn_is_faster, product

_LEAST_WEIGHT = 2**18
"""Entries of a weight from which it is clearly the faster, in the weight's gradient too."""
_ROWS = 32
"""Rows are filled up to a multiple of this: the library keeps a program for each number that it
meets, and batches of texts bring hundreds, a gigabyte in all."""


class Linear(nn.Linear):
    """`nn.Linear`, by the faster library; the same up to rounding."""

    def forward(self, input: Tensor) -> Tensor:
        """Multiply by the weight: (…, K) → (…, N)."""
        return linear(input, self.weight, self.bias)


def speed_up_linear(network: nn.Module) -> int:
    """Let the linear layers of `network` use the faster library; return how many."""
    suitable = [module for module in network.modules() if type(module) is nn.Linear]
    for module in suitable:
        module.__class__ = Linear
    return len(suitable)


def linear(states: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Do `F.linear` by oneDNN where that is faster: (…, K) by (N, K) → (…, N)."""
    if not _suits(states, weight):
        return F.linear(states, weight, bias)
    result: Tensor = _Product.apply(states.reshape(-1, states.shape[-1]), weight, bias)
    return result.view(*states.shape[:-1], len(weight))


def _suits(states: Tensor, weight: Tensor) -> bool:
    return (
        not torch.compiler.is_compiling()
        and onednn_is_faster()
        and states.device.type == "cpu"
        and states.dtype == weight.dtype == torch.float32
        and weight.numel() >= _LEAST_WEIGHT
        and states.numel() > 0
        and not torch.is_autocast_enabled("cpu")
    )


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        filled = _filled(rows)
        ctx.save_for_backward(filled, weight)
        return product(filled, weight, bias)[: len(rows)]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        rows, weight = ctx.saved_tensors
        filled = _filled(gradient)
        to_rows, to_weight, to_bias = ctx.needs_input_grad
        of_rows = product(filled, weight.t())[: len(gradient)] if to_rows else None
        of_weight = product(filled.t(), rows.t()) if to_weight else None
        return of_rows, of_weight, gradient.sum(0) if to_bias else None


def _filled(rows: Tensor) -> Tensor:
    return F.pad(rows, (0, 0, 0, -len(rows) % _ROWS)).contiguous()
