"""The passes through the network: a training step over its micro-batches, and a validation."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.models.encoder import prepare
from radtex.models.seeding import derived_seed, seeded
from radtex.pretraining.augmentation import AugmentationOptions, augment
from radtex.pretraining.batches import Rows, micro_batches
from radtex.pretraining.batchnorm import RunningStatistics
from radtex.pretraining.compilation import compiled
from radtex.pretraining.gradients import GradientSum
from radtex.pretraining.objectives.objective import Objective, StepObjective
from radtex.pretraining.processes import Processes
from radtex.pretraining.samples import Samples, mirrored, rows_of
from radtex.pretraining.skipping import NotFinite

Losses = dict[str, float]
"""The loss, and its terms by name where there are several."""

Precision = Literal["float32", "bfloat16", "float16"]
AUTOCAST = {"bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Pixels:
    """Images of a corpus, uint8 (N, S, S), and what the encoder makes of them.

    `mean` and `std`, in grey levels 0..255, become 0 and 1; `size` is the encoder's.
    """

    images: NDArray[np.uint8]
    size: int
    mean: float
    std: float

    def plain(self, rows: Rows) -> Tensor:
        """Normalised images of `rows`: (B, 1, size, size)."""
        return prepare(self.images[rows], self.size, self.mean, self.std)

    def augmented(self, samples: Samples, options: AugmentationOptions, seed: int) -> Tensor:
        """Images of `samples`, augmented; the resampling to `size` is part of it."""
        n = len(self.images)
        grey = self.images[rows_of(samples, n)]
        whole = prepare(grey, self.images.shape[1], self.mean, self.std)
        generator = torch.Generator().manual_seed(seed)
        sides = torch.from_numpy(mirrored(samples, n)) if options.flip > 0 else None
        return augment(whole, self.size, options, generator, sides)


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

    def train(self, step: int, batch: Samples, scale: float = 1.0) -> Losses:
        """Leave the gradients of a step on the weights.

        Args:
            scale: a power of two, by which the loss is larger during the backward pass.

        Raises:
            NotFinite: if the loss or the gradient is not finite; there is no gradient on the
                weights then, and the running statistics of batch-norm are as before.
        """
        self.objective.train()
        counts = self._on_device(torch.from_numpy(self.objective.counts(batch)))
        parts = micro_batches(batch, self.parts)
        sums, statistics = [], []
        for terms in self._backward(step, parts, counts / scale):
            self.gradients.add()
            sums.append(terms.detach().double())
            statistics.append(self.statistics.read())
        filled = [len(rows) > 0 for rows in parts]
        new_statistics = self.processes.gather(torch.stack(statistics))[filled]
        all_sums = self.processes.gather(torch.stack(sums))
        losses = self._named(all_sums.sum(dim=0) / counts)
        self.gradients.finish()
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        if scale != 1.0:
            torch._foreach_mul_(gradients, 1 / scale)
        loss_is_finite = math.isfinite(losses["loss"])
        if not loss_is_finite or not _finite(gradients):
            for parameter in self.parameters:
                parameter.grad = None
            self.statistics.update(new_statistics[:0])
            at_fault = [
                part for part, own in zip(parts, all_sums, strict=True) if not _finite([own])
            ]
            apart = at_fault and not isinstance(self.objective, StepObjective)
            finite = {name: value for name, value in losses.items() if math.isfinite(value)}
            raise NotFinite(finite, np.concatenate(at_fault) if apart else batch, loss_is_finite)
        self.statistics.update(new_statistics)
        return losses

    @torch.inference_mode()
    def validate(self, rows: Rows, batch_size: int) -> Losses:
        """Losses over `rows`, without augmentation or dropout; each batch is a step of its own."""
        self.objective.eval()
        order = rows[np.argsort(self.objective.lengths[rows], kind="stable")]
        sums: Tensor = torch.zeros(len(self.objective.terms), dtype=torch.float64)
        for start in range(0, len(order), batch_size):
            part = order[start : start + batch_size]
            with seeded(self.seed, start, 0, 2):
                terms = self._apply(self.objective, self.pixels.plain(part), part)
            sums += terms.double().cpu()
        losses = self._named(sums / torch.from_numpy(self.objective.counts(order)))
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
        key = derived_seed(self.seed, step, number, 1)
        images = self.pixels.augmented(rows, self.augmentation, key)
        with seeded(self.seed, step, number, 0):
            return self._apply(function, images, rows)

    def _apply(self, function: Callable[..., Tensor], images: Tensor, rows: Rows) -> Tensor:
        targets = {k: self._on_device(v) for k, v in self.objective.targets(rows).items()}
        device = self.processes.device.type
        with torch.autocast(device, self.autocast, enabled=self.autocast is not None):
            return function(self._on_device(images), targets)

    def _named(self, terms: Tensor) -> Losses:
        values = terms.tolist()
        named = dict(zip(self.objective.terms, values, strict=True)) if len(values) > 1 else {}
        return {"loss": sum(values), **named}

    def _on_device(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.processes.device, non_blocking=True)


def _finite(tensors: list[Tensor]) -> bool:
    """Whether every number is finite, and so is the length of each tensor."""
    if not tensors:
        return True
    return bool(torch.stack(torch._foreach_norm(tensors)).isfinite().all())
