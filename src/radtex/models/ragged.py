"""Texts of unequal length in one batch, without their padding."""

from torch import Tensor


class Ragged:
    """Where the n tokens of N texts, padded to T, stand.

    Layers that look at one token at a time work on the tokens alone, (n, …); attention, which is
    the least of the work, on the texts, (N, T, …).
    """

    def __init__(self, real: Tensor) -> None:
        """`real`: bool (N, T), False on the padding."""
        self._shape = real.shape
        self._places = real.flatten().nonzero().squeeze(1)

    def pack(self, padded: Tensor) -> Tensor:
        """(N, T, H) → (n, H), text by text."""
        return padded.flatten(0, 1).index_select(0, self._places)

    def pad(self, packed: Tensor) -> Tensor:
        """(n, H) → (N, T, H), zeros on the padding."""
        padded = packed.new_zeros(self._shape.numel(), packed.shape[-1])
        return padded.index_copy(0, self._places, packed).view(*self._shape, -1)
