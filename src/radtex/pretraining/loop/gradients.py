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
        self.discard()
        size = 1
        while self._subtrees and self._subtrees[-1][0] == size:
            _, left = self._subtrees.pop()
            torch._foreach_add_(left, gradients)
            gradients, size = left, 2 * size
        self._subtrees.append((size, gradients))

    def finish(self, scale: float = 1.0) -> Tensor:
        """Put the sum over all micro-batches of all processes on the parameters.

        Args:
            scale: what the losses were multiplied by, and the sum is divided by again.

        Returns:
            The length of the whole gradient, as one number on its device.
        """
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
        if scale != 1.0:
            torch._foreach_mul_(total, 1 / scale)
        for parameter, gradient in zip(self._parameters, total, strict=True):
            parameter.grad = gradient
        norms = torch.stack(torch._foreach_norm(total))
        whole: Tensor = torch.linalg.vector_norm(norms, dtype=torch.float64)
        return whole

    def discard(self) -> None:
        """Take the gradients off the parameters."""
        for parameter in self._parameters:
            parameter.grad = None
