"""The passes through the network: a training step over its micro-batches, and a validation."""

import math

import numpy as np
import torch
from torch import Tensor

from radtex.compute.devices import to_device
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.batches import Rows, micro_batches
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.data.samples import Samples
from radtex.pretraining.loop.backward import backward_of
from radtex.pretraining.loop.batchnorm import RunningStatistics
from radtex.pretraining.loop.forward import Forward
from radtex.pretraining.loop.gradients import GradientSum
from radtex.pretraining.loop.processes import Processes
from radtex.pretraining.loop.skipping import NotFinite
from radtex.pretraining.loop.training_options import Precision
from radtex.pretraining.objectives.objective import Objective

Losses = dict[str, float]
"""The loss, and its terms by name where there are several."""


class Passes:
    """Runs an objective over samples of a corpus, alone or as one of several processes."""

    gradient_norm: float = 0.0
    """Length of the gradient of the last step, over all weights."""

    def __init__(
        self,
        objective: Objective,
        pixels: Pixels,
        augmentation: AugmentationOptions,
        parts: int,
        precision: Precision,
        seed: int,
        processes: Processes,
        compile: bool = False,
    ) -> None:
        """Take the running statistics of batch-norm out of the objective's hands.

        Args:
            objective: what is trained, on the device of `processes`.
            pixels: the images.
            augmentation: how they are changed in training.
            parts: number of micro-batches of a step, over all processes.
            precision: of the forward pass.
            seed: of augmentation, dropout and whatever else a step draws.
            processes: this process among its peers.
            compile: whether the forward pass is compiled.
        """
        self.objective = objective
        self.parts = parts
        self.processes = processes
        self.statistics = RunningStatistics(objective)
        self.gradients = GradientSum(list(objective.parameters()), processes)
        self.forward = Forward(objective, pixels, augmentation, precision, seed, processes.device)
        self.backward = backward_of(objective, self.forward, processes, parts, compile)

    def train(
        self, step: int, batch: Samples, scale: float = 1.0, following: Samples | None = None
    ) -> Losses:
        """Leave the gradients of a step on the weights.

        Args:
            step: number of the step, from 0.
            batch: its samples.
            scale: a power of two, by which the loss is larger during the backward pass.
            following: the batch of the next step. Its first micro-batch is prepared while a GPU
                is still at work on this step.

        Raises:
            NotFinite: if the loss or the gradient is not finite; there is no gradient on the
                weights then, and the running statistics of batch-norm are as before.
        """
        if not self.objective.training:
            self.objective.train()
        parts = micro_batches(batch, self.parts)
        counts = to_device(torch.from_numpy(self.objective.counts(batch)), self.processes.device)
        own_sums, own_statistics = [], []
        for terms in self.backward(step, parts, counts / scale):
            self.gradients.add()
            own_sums.append(terms.detach().double())
            own_statistics.append(self.statistics.read())
        self._prepare_ahead(step + 1, following)
        statistics = self.processes.gather(torch.stack(own_statistics))
        sums = self.processes.gather(torch.stack(own_sums))
        norm = self.gradients.finish(scale)
        # One question to the device, so that it is waited for once.
        measured = torch.cat([sums.sum(dim=0) / counts, norm.view(1)])
        self.statistics.update(statistics[_filled(parts)], measured.isfinite().all())
        *values, self.gradient_norm = measured.tolist()
        losses = self._named(values)
        if not (math.isfinite(losses["loss"]) and math.isfinite(self.gradient_norm)):
            self.gradients.discard()
            raise self._not_finite(losses, parts, sums)
        return losses

    @torch.inference_mode()
    def validate(self, rows: Rows, batch_size: int) -> Losses:
        """Losses over `rows`, without dropout; each batch is a step of its own.

        Images are not augmented, but where the objective compares views; these are always the same.
        """
        self.objective.eval()
        order = rows[np.argsort(self.objective.lengths[rows], kind="stable")]
        sums: Tensor = torch.zeros(len(self.objective.terms), dtype=torch.float64)
        for start in range(0, len(order), batch_size):
            sums += self.forward.validation(order[start : start + batch_size], start).double().cpu()
        losses = self._named((sums / torch.from_numpy(self.objective.counts(order))).tolist())
        return {f"val_{name}": value for name, value in losses.items()}

    def _prepare_ahead(self, step: int, batch: Samples | None) -> None:
        if batch is None:
            return
        number, rows = self.processes.share(list(enumerate(micro_batches(batch, self.parts))))[0]
        if len(rows):
            self.forward.prepare_ahead(step, number, rows)

    def _not_finite(self, losses: Losses, parts: list[Samples], sums: Tensor) -> NotFinite:
        """Say what is known of a step that must be skipped."""
        finite = {name: value for name, value in losses.items() if math.isfinite(value)}
        at_fault = [part for part, own in zip(parts, sums, strict=True) if not own.isfinite().all()]
        if not at_fault or self.backward.relates:
            at_fault = parts
        return NotFinite(finite, np.concatenate(at_fault), math.isfinite(losses["loss"]))

    def _named(self, values: list[float]) -> Losses:
        named = dict(zip(self.objective.terms, values, strict=True)) if len(values) > 1 else {}
        return {"loss": sum(values), **named}


def _filled(parts: list[Samples]) -> list[bool] | slice:
    """Index of the micro-batches that have samples."""
    filled = [len(part) > 0 for part in parts]
    return slice(None) if all(filled) else filled
