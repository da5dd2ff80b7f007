"""The training loop, one for every objective and any number of processes."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.errors import RunError
from radtex.files import explain_write_errors
from radtex.models.encoder import prepare
from radtex.models.seeding import derived_seed, seeded
from radtex.pretraining.augmentation import AugmentationOptions, augment
from radtex.pretraining.batches import epoch_batches, micro_batches, steps_per_epoch
from radtex.pretraining.batchnorm import RunningStatistics
from radtex.pretraining.checkpoint import Checkpoints, Progress
from radtex.pretraining.gradients import GradientSum
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.optimizers import Optimizer, OptimizerOptions
from radtex.pretraining.processes import Processes
from radtex.progress import progress_bar

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class TrainingOptions:
    """Length and layout of the training."""

    epochs: int = 10
    """passes over the training rows"""
    steps: int | None = None
    """number of steps, in place of `epochs`"""
    batch_size: int = 64
    """images per step"""
    micro_batches: int = 1
    """parts of a step, a power of two; each is one forward pass and one batch-norm batch"""
    validate_every: int | None = None
    """steps between validations; an epoch by default"""
    checkpoint_every: int = 100
    """steps between checkpoints; a resumed run repeats at most so many"""
    precision: Literal["float32", "bfloat16"] = "float32"
    """of the forward pass, by autocast; weights stay in float32"""
    channels_last: bool = True
    """memory layout of the encoder"""


@dataclass
class Trainer:
    """Trains `objective` on `train` rows of `images` and selects by the loss on `validate` rows.

    Attributes:
        images: uint8 (N, S, S).
        input_size, mean, std: what the encoder takes.
    """

    objective: Objective
    images: NDArray[np.uint8]
    train: Rows
    validate: Rows
    input_size: int
    mean: float
    std: float
    augmentation: AugmentationOptions
    optimizer_options: OptimizerOptions
    options: TrainingOptions
    seed: int
    run: Path
    processes: Processes

    def __post_init__(self) -> None:
        layout = torch.channels_last if self.options.channels_last else torch.contiguous_format
        self.objective.to(self.processes.device)
        self.objective.encoder.to(memory_format=layout)
        self.epoch_steps = steps_per_epoch(len(self.train), self.options.batch_size)
        self.total_steps = self.options.steps or self.options.epochs * self.epoch_steps
        self.optimizer = Optimizer(self.objective, self.optimizer_options, self.total_steps)
        self.checkpoints = Checkpoints(self.run)

    def fit(self) -> dict[str, Tensor]:
        """Train to the end, from the last checkpoint where there is one.

        Returns:
            The selected weights: of the lowest validation loss, or the last without validation.

        Raises:
            RunError: if the loss is not finite.
        """
        progress = self.checkpoints.restore(self.objective, self.optimizer)
        self.statistics = RunningStatistics(self.objective)
        self.gradients = GradientSum(self.optimizer.parameters, self.processes)
        every = self.options.validate_every or self.epoch_steps
        with progress_bar("training", self.total_steps, "steps", progress.step) as bar:
            for step, batch in self._steps(progress.step):
                losses = self._step(step, batch)
                entry = {"step": step + 1, "epoch": step // self.epoch_steps, **losses}
                last = step + 1 == self.total_steps
                progress = self._log(replace(progress, step=step + 1), entry)
                if len(self.validate) and ((step + 1) % every == 0 or last):
                    val_losses = self._validate()
                    progress = self._log(progress, {"step": step + 1, **val_losses})
                    progress = self._select(progress, val_losses["val_loss"])
                if last or (step + 1) % self.options.checkpoint_every == 0:
                    if self.processes.first:
                        self.checkpoints.save(progress, self.objective, self.optimizer)
                    self.processes.wait()
                bar.advance()
                bar.note(f"{losses['loss']:.3f} loss")
        if progress.best_loss is None:
            return self.objective.state_dict()
        return self.checkpoints.best()

    def _steps(self, start: int) -> Iterator[tuple[int, Rows]]:
        for epoch in range(start // self.epoch_steps, -(-self.total_steps // self.epoch_steps)):
            batches = epoch_batches(
                self.train, self.objective.lengths, self.options.batch_size, self.seed, epoch
            )
            for step, batch in enumerate(batches, epoch * self.epoch_steps):
                if start <= step < self.total_steps:
                    yield step, batch

    def _step(self, step: int, batch: Rows) -> dict[str, float]:
        self.objective.train()
        counts = self._on_device(torch.from_numpy(self.objective.counts(batch)))
        parts = micro_batches(batch, self.objective.lengths, self.options.micro_batches)
        sums, statistics = [], []
        for number, rows in self.processes.share(list(enumerate(parts))):
            terms = torch.zeros_like(counts)
            if len(rows):
                with seeded(self.seed, step, number, 0):
                    terms = self._forward(self._augmented(rows, step, number), rows)
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
                "--encoder-learning-rate, or resume from the last checkpoint with other data"
            )
        self.gradients.finish()
        self.optimizer.step(step)
        return losses

    @torch.inference_mode()
    def _validate(self) -> dict[str, float]:
        self.objective.eval()
        size = self.options.batch_size
        order = self.validate[np.argsort(self.objective.lengths[self.validate], kind="stable")]
        sums: Tensor = torch.zeros(len(self.objective.terms), dtype=torch.float64)
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            images = prepare(self.images[rows], self.input_size, self.mean, self.std)
            sums += self._forward(self._on_device(images), rows).double().cpu()
        losses = self._named(sums / torch.from_numpy(self.objective.counts(order)))
        return {f"val_{name}": value for name, value in losses.items()}

    def _forward(self, images: Tensor, rows: Rows) -> Tensor:
        targets = {k: self._on_device(v) for k, v in self.objective.targets(rows).items()}
        half = self.options.precision == "bfloat16"
        with torch.autocast(self.processes.device.type, torch.bfloat16, enabled=half):
            terms: Tensor = self.objective(images, targets)
        return terms

    def _augmented(self, rows: Rows, step: int, number: int) -> Tensor:
        pixels = prepare(self.images[rows], self.images.shape[1], self.mean, self.std)
        generator = torch.Generator().manual_seed(derived_seed(self.seed, step, number, 1))
        return augment(self._on_device(pixels), self.input_size, self.augmentation, generator)

    def _select(self, progress: Progress, loss: float) -> Progress:
        if progress.best_loss is not None and loss >= progress.best_loss:
            return progress
        if self.processes.first:
            self.checkpoints.save_best(self.objective)
        return replace(progress, best_loss=loss, best_step=progress.step)

    def _log(self, progress: Progress, entry: dict[str, float]) -> Progress:
        line = (json.dumps(entry) + "\n").encode()
        if self.processes.first:
            path = self.checkpoints.metrics
            with explain_write_errors(path), path.open("ab") as file:
                file.write(line)
        return replace(progress, metrics_bytes=progress.metrics_bytes + len(line))

    def _named(self, terms: Tensor) -> dict[str, float]:
        values = terms.tolist()
        named = dict(zip(self.objective.terms, values, strict=True)) if len(values) > 1 else {}
        return {"loss": sum(values), **named}

    def _on_device(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.processes.device, non_blocking=True)
