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
        self._batches = [int(counter) for counter in self._counters]

    def read(self) -> Tensor:
        """(D,) what stands in the buffers now."""
        return torch.cat(self._buffers) if self._buffers else torch.empty(0)

    def update(self, statistics: Tensor) -> None:
        """Enter the statistics of a step's micro-batches, (m, D) in order, into the averages."""
        for row in statistics:
            self.averages = torch.lerp(self.averages, row, self._momentum)
        self._batches = [batches + len(statistics) for batches in self._batches]
        for counter, batches in zip(self._counters, self._batches, strict=True):
            counter.fill_(batches)
        parts = self.averages.split([len(buffer) for buffer in self._buffers])
        for buffer, part in zip(self._buffers, parts, strict=True):
            buffer.copy_(part)
