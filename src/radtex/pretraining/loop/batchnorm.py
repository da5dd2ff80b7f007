"""Running statistics of batch-norm, the same however the micro-batches of a step are dealt."""

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class RunningStatistics:
    """Takes the running averages of all batch-norm layers out of the layers' hands.

    The layers normalise each micro-batch by itself, as always, and leave its statistics in their
    buffers (momentum 1). After a step, the statistics of all its micro-batches, from whichever
    process, enter the averages in order, and the averages return to the buffers.
    """

    def __init__(self, model: nn.Module) -> None:
        layers = [module for module in model.modules() if isinstance(module, _BatchNorm)]
        self._buffers = [
            buffer
            for layer in layers
            for buffer in (layer.running_mean, layer.running_var)
            if buffer is not None
        ]
        momenta = [
            torch.full_like(layer.running_mean, layer.momentum)
            for layer in layers
            for _ in range(2)
            if layer.running_mean is not None and layer.momentum is not None
        ]
        self._momentum = torch.cat(momenta) if momenta else torch.empty(0)
        for layer in layers:
            layer.momentum = 1.0
        self.averages = self.read()
        self._counters = [
            layer.num_batches_tracked for layer in layers if layer.num_batches_tracked is not None
        ]
        self._batches = torch.stack(self._counters) if self._counters else torch.empty(0)

    def read(self) -> Tensor:
        """Return what stands in the buffers now, (D,)."""
        return torch.cat(self._buffers) if self._buffers else torch.empty(0)

    def update(self, statistics: Tensor, valid: Tensor) -> None:
        """Enter the statistics of a step's micro-batches into the averages.

        Args:
            statistics: (m, D) those of its m micro-batches, in order.
            valid: a bool on their device; where it is False, the averages stay as they are.
        """
        averages = self.averages
        for row in statistics:
            averages = torch.lerp(averages, row, self._momentum)
        self.averages = torch.where(valid, averages, self.averages)
        if not self._buffers:
            return
        # Layers count by themselves, but not what other processes saw.
        self._batches += len(statistics) * valid
        if self._counters:
            torch._foreach_copy_(self._counters, list(self._batches.unbind()))
        parts = self.averages.split([len(buffer) for buffer in self._buffers])
        torch._foreach_copy_(self._buffers, list(parts))
