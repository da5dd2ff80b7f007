"""The passes through the network: a training step over its micro-batches, and a validation."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.errors import RunError
from radtex.models.encoder import prepare
from radtex.models.seeding import derived_seed, seeded
from radtex.pretraining.augmentation import AugmentationOptions, augment
from radtex.pretraining.batches import Rows, micro_batches
from radtex.pretraining.batchnorm import RunningStatistics
from radtex.pretraining.gradients import GradientSum
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.processes import Processes

Losses = dict[str, float]
"""The loss, and its terms by name where there are several."""


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

    def augmented(self, rows: Rows, options: AugmentationOptions, seed: int) -> Tensor:
        """The same, augmented; the resampling to `size` is part of the augmentation."""
        whole = prepare(self.images[rows], self.images.shape[1], self.mean, self.std)
        generator = torch.Generator().manual_seed(seed)
        return augment(whole, self.size, options, generator)


class Passes:
    """Runs an objective over rows of a corpus, alone or as one of several processes."""

    def __init__(
        self,
        objective: Objective,
        pixels: Pixels,
        augmentation: AugmentationOptions,
        parts: int,
        precision: Literal["float32", "bfloat16"],
        seed: int,
        processes: Processes,
    ) -> None:
        """`parts` is the number of micro-batches of a step, over all processes."""
        self.objective = objective
        self.pixels = pixels
        self.augmentation = augmentation
        self.parts = parts
        self.half = precision == "bfloat16"
        self.seed = seed
        self.processes = processes
        self.statistics = RunningStatistics(objective)
        self.gradients = GradientSum(list(objective.parameters()), processes)

    def train(self, step: int, batch: Rows) -> Losses:
        """Leave the gradients of a step on the weights.

        Raises:
            RunError: if the loss is not finite.
        """
        self.objective.train()
        counts = self._on_device(torch.from_numpy(self.objective.counts(batch)))
        parts = micro_batches(batch, self.objective.lengths, self.parts)
        sums, statistics = [], []
        for number, rows in self.processes.share(list(enumerate(parts))):
            terms = torch.zeros_like(counts)
            if len(rows):
                key = derived_seed(self.seed, step, number, 1)
                images = self.pixels.augmented(rows, self.augmentation, key)
                with seeded(self.seed, step, number, 0):
                    terms = self._terms(images, rows)
                (terms / counts).sum().backward()
            self.gradients.add()
            sums.append(terms.detach().double())
            statistics.append(self.statistics.read())
        filled = [len(rows) > 0 for rows in parts]
        self.statistics.update(self.processes.gather(torch.stack(statistics))[filled])
        losses = self._named(self.processes.gather(torch.stack(sums)).sum(dim=0) / counts)
        if not math.isfinite(losses["loss"]):
            raise RunError(
                f"the loss is not finite at step {step + 1}; lower --learning-rate and "
                "--encoder-learning-rate and start a new run"
            )
        self.gradients.finish()
        return losses

    @torch.inference_mode()
    def validate(self, rows: Rows, batch_size: int) -> Losses:
        """Losses over `rows`, without augmentation or dropout."""
        self.objective.eval()
        order = rows[np.argsort(self.objective.lengths[rows], kind="stable")]
        sums: Tensor = torch.zeros(len(self.objective.terms), dtype=torch.float64)
        for start in range(0, len(order), batch_size):
            part = order[start : start + batch_size]
            sums += self._terms(self.pixels.plain(part), part).double().cpu()
        losses = self._named(sums / torch.from_numpy(self.objective.counts(order)))
        return {f"val_{name}": value for name, value in losses.items()}

    def _terms(self, images: Tensor, rows: Rows) -> Tensor:
        targets = {k: self._on_device(v) for k, v in self.objective.targets(rows).items()}
        with torch.autocast(self.processes.device.type, torch.bfloat16, enabled=self.half):
            terms: Tensor = self.objective(self._on_device(images), targets)
        return terms

    def _named(self, terms: Tensor) -> Losses:
        values = terms.tolist()
        named = dict(zip(self.objective.terms, values, strict=True)) if len(values) > 1 else {}
        return {"loss": sum(values), **named}

    def _on_device(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.processes.device, non_blocking=True)
