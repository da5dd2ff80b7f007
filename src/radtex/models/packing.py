"""Layers whose weights lie in the order that the processor's products want, for decoding."""

import copy

import torch
from torch import Tensor, nn

from radtex.compute.onednn import packed_weight, product
from radtex.models.decoder import Decoder, Direction


class PackedLinear(nn.Module):
    """A linear layer for few rows at a time, its weight packed once; `F.linear` up to rounding."""

    def __init__(self, weight: Tensor, bias: Tensor, rows: int) -> None:
        """Pack `weight` (N, K), float32 on a CPU, for products with about `rows` rows."""
        super().__init__()
        self.bias = bias
        self.packed = packed_weight(weight, rows)

    def forward(self, states: Tensor) -> Tensor:
        """Multiply by the packed weight: (…, K) → (…, N)."""
        return product(states, self.packed, self.bias)


def packed(decoder: Decoder, rows: int, direction: Direction = "forward") -> Decoder:
    """Make a decoder whose `step` gives the same scores faster.

    It shares the parameters of `decoder` and keeps a packed copy of its layers beside them. It is
    `decoder` itself where that is packed already, where the processor's library has no such order,
    and where the weights are not float32.

    Args:
        decoder: in eval mode.
        rows: about how many sequences a step feeds.
        direction: whose blocks are packed.
    """
    weight = decoder.tokens.weight
    if decoder.packed_output is not None:
        return decoder
    if weight.device.type != "cpu" or weight.dtype != torch.float32:
        return decoder
    if not torch.backends.mkldnn.is_available():
        return decoder
    copied = copy.deepcopy(decoder, {id(tensor): tensor for tensor in decoder.parameters()})
    for parent in list(copied.stack(direction).modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, PackedLinear(child.weight, child.bias, rows))
    copied.packed_output = PackedLinear(weight, copied.output_bias, rows)
    return copied
