"""The sum of the gradients of a step, the same to the bit however its micro-batches are dealt."""

import torch
from torch import Tensor, nn

from radtex.pretraining.loop.processes import Processes


class GradientSum:
    """Adds gradients of micro-batches as a binary tree: ((0 + 1) + (2 + 3)) + ….

    A plain running sum would associate differently in one process and in two. With powers of two
    of micro-batches and processes, the halves of the tree are what each process sums by itself.
    """

    def __init__(self, parameters: list[nn.Parameter], processes: Processes) -> None:
        self._parameters = parameters
        self._processes = processes
        self._subtrees: list[tuple[int, list[Tensor]]] = []

    def add(self) -> None:
        """Take over the gradients that a micro-batch left on the parameters."""
        gradients = [
            torch.zeros_like(p) if p.grad is None else p.grad.detach() for p in self._parameters
        ]
        for parameter in self._parameters:
            parameter.grad = None
        size = 1
        while self._subtrees and self._subtrees[-1][0] == size:
            _, left = self._subtrees.pop()
            torch._foreach_add_(left, gradients)
            gradients, size = left, 2 * size
        self._subtrees.append((size, gradients))

    def finish(self) -> None:
        """Put the sum over all micro-batches of all processes on the parameters."""
        _, total = self._subtrees.pop()
        for _, left in reversed(self._subtrees):
            torch._foreach_add_(left, total)
            total = left
        self._subtrees = []
        if self._processes.count > 1:
            flat = self._processes.sum(torch.cat([gradient.flatten() for gradient in total]))
            parts = flat.split([gradient.numel() for gradient in total])
            # Kept in the layout of the weights: norms and fused updates follow memory order.
            for gradient, part in zip(total, parts, strict=True):
                gradient.copy_(part.view_as(gradient))
        for parameter, gradient in zip(self._parameters, total, strict=True):
            parameter.grad = gradient
