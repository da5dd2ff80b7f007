"""The forward pass of a micro-batch: its images, targets, random draws and precision."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from radtex.compute.devices import to_device
from radtex.compute.seeding import derived_seed, seeded
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.batches import Rows
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.data.samples import Samples
from radtex.pretraining.loop.training_options import Precision
from radtex.pretraining.objectives.objective import Objective

AUTOCAST = {"bfloat16": torch.bfloat16, "float16": torch.float16}
"""Types of the forward pass that differ from the weights'."""

_Function = Callable[[Tensor, dict[str, Tensor]], Tensor]
_Inputs = tuple[Tensor, dict[str, Tensor]]


class Forward:
    """Applies an objective, or a part of it, to samples of a corpus.

    What is drawn for a micro-batch depends on the seed, the step and the number of the micro-batch
    alone: not on the process that works on it, nor on how often that is done.
    """

    def __init__(
        self,
        objective: Objective,
        pixels: Pixels,
        augmentation: AugmentationOptions,
        precision: Precision,
        seed: int,
        device: torch.device,
    ) -> None:
        self.objective = objective
        self.pixels = pixels
        self.augmentation = augmentation
        self.autocast = AUTOCAST.get(precision)
        self.seed = seed
        self.device = device
        self._ahead: dict[tuple[int, int], _Inputs] = {}

    def augmented(self, function: _Function, step: int, number: int, rows: Samples) -> Tensor:
        """Apply `function` with the augmentation and dropout of a micro-batch.

        Args:
            function: takes images (views · b, 1, S, S) and the targets of b samples.
            step: number of the step, from 0.
            number: number of the micro-batch in its step.
            rows: (b,) its samples.
        """
        inputs = self._ahead.pop((step, number), None) or self._prepare(step, number, rows)
        with seeded(self.seed, step, number, 0):
            return self._apply(function, *inputs)

    def validation(self, rows: Rows, start: int) -> Tensor:
        """Apply the objective without augmentation; where it compares views, these are augmented.

        Args:
            rows: (b,) samples.
            start: number of the first of them, on which the draws of views and targets depend.

        Returns:
            (terms,) sums of the losses.
        """
        if self.objective.views > 1:
            images = self._views(rows, derived_seed(self.seed, start, 0, 4))
        else:
            images = self.pixels.plain(rows, self.device)
        with seeded(self.seed, start, 0, 2):
            return self._apply(self.objective, images, self._targets(rows))

    def prepare_ahead(self, step: int, number: int, rows: Samples) -> None:
        """Prepare the inputs of the next call of `augmented`, while a GPU is still at work."""
        self._ahead = {(step, number): self._prepare(step, number, rows)}

    def _prepare(self, step: int, number: int, rows: Samples) -> _Inputs:
        """Images and targets of a micro-batch, on the device or on their way to it."""
        images = self._views(rows, derived_seed(self.seed, step, number, 1))
        with seeded(self.seed, step, number, 3):
            return images, self._targets(rows)

    def _views(self, rows: Samples, seed: int) -> Tensor:
        """Augmented images, one view of all samples after the other: (views · b, 1, S, S)."""
        shown = np.tile(rows, self.objective.views)
        return self.pixels.augmented(shown, self.augmentation, seed, self.device)

    def _targets(self, rows: Samples) -> dict[str, Tensor]:
        targets = self.objective.targets(rows)
        return {name: to_device(tensor, self.device) for name, tensor in targets.items()}

    def _apply(self, function: _Function, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        kind = self.autocast
        with torch.autocast(self.device.type, kind, enabled=kind is not None):
            return function(images, targets)
