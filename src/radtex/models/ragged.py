"""Texts of unequal length in one batch, without their padding."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable


class Ragged:
    """Where the n tokens of N texts, padded to T, stand.

    Layers that look at one token at a time work on the tokens alone, (n, …); attention, which is
    the least of the work, on the texts, (N, T, …). Both ways, and both gradients, only pick rows:
    nothing is added up, so a GPU gives the same bytes without sorting anything.
    """

    def __init__(self, places: Tensor, numbers: Tensor) -> None:
        """Keep where the tokens stand, on any device.

        Args:
            places: (n,), as `ragged_indices` gives them.
            numbers: (N, T), as `ragged_indices` gives them.
        """
        self._places = places
        self._numbers = numbers

    @property
    def positions(self) -> Tensor:
        """Each token's position in its text, (n,)."""
        return self._places % self._numbers.shape[1]

    @property
    def texts(self) -> Tensor:
        """The text that each token belongs to, (n,)."""
        return self._places // self._numbers.shape[1]

    def pack(self, padded: Tensor) -> Tensor:
        """Take the tokens out of the padding, text by text: (N, T, …) → (n, …)."""
        rows = padded.flatten(0, 1)
        if not rows.requires_grad:
            return rows.index_select(0, self._places)
        packed: Tensor = _Pack.apply(rows, self._places, self._numbers.flatten())
        return packed

    def pad(self, packed: Tensor) -> Tensor:
        """Put the tokens into their texts, with zeros as the padding: (n, H) → (N, T, H)."""
        padded: Tensor = _Pad.apply(packed, self._places, self._numbers.flatten())
        return padded.view(*self._numbers.shape, -1)


def ragged_indices(real: Tensor) -> tuple[Tensor, Tensor]:
    """Number the real tokens of padded texts.

    This is done on the CPU, before the texts are sent off: a GPU would be waited for.

    Args:
        real: mask (N, T) of the n real tokens.

    Returns:
        The place of each token, (n,), counted through the padded texts; and the number of each
        place, (N, T), counted through the tokens. The number of padding is n.
    """
    places = real.flatten().nonzero().squeeze(1)
    numbers = torch.where(real.flatten(), real.flatten().cumsum(0) - 1, len(places))
    return places, numbers.view(real.shape)


def _padded(rows: Tensor, numbers: Tensor) -> Tensor:
    return F.pad(rows, (0, 0, 0, 1)).index_select(0, numbers)


class _Pack(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, places: Tensor, numbers: Tensor) -> Tensor:
        ctx.save_for_backward(numbers)
        return rows.index_select(0, places)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (numbers,) = ctx.saved_tensors
        return _padded(gradient, numbers), None, None


class _Pad(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, places: Tensor, numbers: Tensor) -> Tensor:
        ctx.save_for_backward(places)
        return _padded(rows, numbers)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (places,) = ctx.saved_tensors
        return gradient.index_select(0, places), None, None
