"""The passes through the network: a training step over its micro-batches, and a validation."""

import math
from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from radtex.compute.devices import to_device
from radtex.compute.seeding import derived_seed, seeded
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.batches import Rows, micro_batches
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.data.samples import Samples
from radtex.pretraining.loop.batchnorm import RunningStatistics
from radtex.pretraining.loop.compilation import compiled
from radtex.pretraining.loop.gradients import GradientSum
from radtex.pretraining.loop.processes import Processes
from radtex.pretraining.loop.skipping import NotFinite
from radtex.pretraining.objectives.objective import Objective, StepObjective

Losses = dict[str, float]
"""The loss, and its terms by name where there are several."""

Precision = Literal["float32", "bfloat16", "float16"]
_Inputs = tuple[Tensor, dict[str, Tensor]]
AUTOCAST = {"bfloat16": torch.bfloat16, "float16": torch.float16}


class Passes:
    """Runs an objective over rows of a corpus, alone or as one of several processes."""

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
        """`parts` is the number of micro-batches of a step, over all processes."""
        self.objective = objective
        self.pixels = pixels
        self.augmentation = augmentation
        self.parts = parts
        self.autocast = AUTOCAST.get(precision)
        self.seed = seed
        self.processes = processes
        self.statistics = RunningStatistics(objective)
        self.parameters = list(objective.parameters())
        self.gradients = GradientSum(self.parameters, processes)
        self.forward: Callable[..., Tensor] = compiled(objective) if compile else objective
        if isinstance(objective, StepObjective):
            self.embed = compiled(objective.embed) if compile else objective.embed
        self.gradient_norm = 0.0
        """of the last step, over all weights"""
        self._ahead: dict[tuple[int, int], _Inputs] = {}

    def train(
        self, step: int, batch: Samples, scale: float = 1.0, following: Samples | None = None
    ) -> Losses:
        """Leave the gradients of a step on the weights.

        Args:
            scale: a power of two, by which the loss is larger during the backward pass.
            following: the batch of the next step. Its first micro-batch is prepared while a GPU
                is still at work on this step.

        Raises:
            NotFinite: if the loss or the gradient is not finite; there is no gradient on the
                weights then, and the running statistics of batch-norm are as before.
        """
        if not self.objective.training:
            self.objective.train()
        counts = to_device(torch.from_numpy(self.objective.counts(batch)), self.processes.device)
        parts = micro_batches(batch, self.parts)
        sums, statistics = [], []
        for terms in self._backward(step, parts, counts / scale):
            self.gradients.add()
            sums.append(terms.detach().double())
            statistics.append(self.statistics.read())
        self._prepare_ahead(step + 1, following)
        new_statistics = self.processes.gather(torch.stack(statistics))
        filled = [len(rows) > 0 for rows in parts]
        if not all(filled):
            new_statistics = new_statistics[filled]
        all_sums = self.processes.gather(torch.stack(sums))
        self.gradients.finish()
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        if scale != 1.0:
            torch._foreach_mul_(gradients, 1 / scale)
        # One question to the device, so that it is waited for once.
        measured = torch.cat([all_sums.sum(dim=0) / counts, _norm(gradients).view(1)])
        self.statistics.update(new_statistics, measured.isfinite().all())
        *values, self.gradient_norm = measured.tolist()
        losses = self._named(values)
        loss_is_finite = math.isfinite(losses["loss"])
        if not loss_is_finite or not math.isfinite(self.gradient_norm):
            for parameter in self.parameters:
                parameter.grad = None
            at_fault = [
                part for part, own in zip(parts, all_sums, strict=True) if not own.isfinite().all()
            ]
            apart = at_fault and not isinstance(self.objective, StepObjective)
            finite = {name: value for name, value in losses.items() if math.isfinite(value)}
            raise NotFinite(finite, np.concatenate(at_fault) if apart else batch, loss_is_finite)
        return losses

    @torch.inference_mode()
    def validate(self, rows: Rows, batch_size: int) -> Losses:
        """Losses over `rows`, without augmentation or dropout; each batch is a step of its own."""
        self.objective.eval()
        order = rows[np.argsort(self.objective.lengths[rows], kind="stable")]
        sums: Tensor = torch.zeros(len(self.objective.terms), dtype=torch.float64)
        for start in range(0, len(order), batch_size):
            part = order[start : start + batch_size]
            images = self.pixels.plain(part, self.processes.device)
            with seeded(self.seed, start, 0, 2):
                targets = _all_to_device(self.objective.targets(part), self.processes.device)
                terms = self._apply(self.objective, images, targets)
            sums += terms.double().cpu()
        losses = self._named((sums / torch.from_numpy(self.objective.counts(order))).tolist())
        return {f"val_{name}": value for name, value in losses.items()}

    def _backward(self, step: int, parts: list[Rows], counts: Tensor) -> Iterator[Tensor]:
        """Leave the gradients of each own micro-batch in turn; yields its sums of the terms."""
        if isinstance(self.objective, StepObjective) and len(parts) > 1:
            yield from self._backward_related(self.objective, step, parts, counts)
            return
        for number, rows in self.processes.share(list(enumerate(parts))):
            terms = torch.zeros_like(counts)
            if len(rows):
                terms = self._apply_augmented(self.forward, step, number, rows)
                (terms / counts).sum().backward()
            yield terms

    def _backward_related(
        self, objective: StepObjective, step: int, parts: list[Rows], counts: Tensor
    ) -> Iterator[Tensor]:
        """The same for a loss that needs the samples of all micro-batches of all processes.

        Gradient caching (Gao et al., 2021): all samples are embedded without a graph, the gradient
        of the loss for each embedding is found, and each micro-batch is embedded again, with the
        same augmentation and dropout, to hand its gradients on to the weights.
        """
        share = self.processes.share(list(enumerate(parts)))
        sizes = [len(rows) for rows in parts]
        table = torch.zeros(sum(sizes), objective.embedding_width, device=counts.device)
        places = self.processes.share(list(table.split(sizes)))
        with torch.no_grad():
            for (number, rows), place in zip(share, places, strict=True):
                if len(rows):
                    place.copy_(self._apply_augmented(self.embed, step, number, rows))
        # The rows of the others are zero, so the sum is exact.
        embeddings = self.processes.sum(table).requires_grad_()
        sums = objective.relate(embeddings)
        (sums / counts).sum().backward()
        if not self.processes.first:
            # The loss's own weights, such as a temperature, get their gradient once.
            objective.zero_grad()
        assert embeddings.grad is not None
        gradients = self.processes.share(list(embeddings.grad.split(sizes)))
        for (number, rows), gradient in zip(share, gradients, strict=True):
            if len(rows):
                self._apply_augmented(self.embed, step, number, rows).backward(gradient)
            yield sums if number == 0 else torch.zeros_like(sums)

    def _apply_augmented(
        self, function: Callable[..., Tensor], step: int, number: int, rows: Rows
    ) -> Tensor:
        """Apply `function` to a micro-batch with the augmentation and dropout of its number."""
        inputs = self._ahead.pop((step, number), None) or self._prepare(step, number, rows)
        with seeded(self.seed, step, number, 0):
            return self._apply(function, *inputs)

    def _prepare(self, step: int, number: int, rows: Rows) -> _Inputs:
        """Images and targets of a micro-batch, on the device or on their way to it."""
        device = self.processes.device
        key = derived_seed(self.seed, step, number, 1)
        images = self.pixels.augmented(rows, self.augmentation, key, device)
        with seeded(self.seed, step, number, 3):
            return images, _all_to_device(self.objective.targets(rows), device)

    def _prepare_ahead(self, step: int, batch: Samples | None) -> None:
        self._ahead = {}
        if batch is None:
            return
        number, rows = self.processes.share(list(enumerate(micro_batches(batch, self.parts))))[0]
        if len(rows):
            self._ahead[step, number] = self._prepare(step, number, rows)

    def _apply(
        self, function: Callable[..., Tensor], images: Tensor, targets: dict[str, Tensor]
    ) -> Tensor:
        device = self.processes.device.type
        with torch.autocast(device, self.autocast, enabled=self.autocast is not None):
            return function(images, targets)

    def _named(self, values: list[float]) -> Losses:
        named = dict(zip(self.objective.terms, values, strict=True)) if len(values) > 1 else {}
        return {"loss": sum(values), **named}


def _all_to_device(targets: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    return {name: to_device(tensor, device) for name, tensor in targets.items()}


def _norm(gradients: list[Tensor]) -> Tensor:
    """Length of the whole gradient, as one number on its device."""
    norms = torch.stack(torch._foreach_norm(gradients))
    whole: Tensor = torch.linalg.vector_norm(norms, dtype=torch.float64)
    return whole
