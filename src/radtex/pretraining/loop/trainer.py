"""The training loop, one for every objective and any number of processes."""

import json
import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.compute.depthwise import speed_up_depthwise
from radtex.compute.linear_layer import speed_up_linear
from radtex.errors import RunError
from radtex.files import explain_write_errors
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.batches import Rows, epoch_batches, steps_per_epoch
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.data.samples import SampleDraw, Samples
from radtex.pretraining.loop.activation_checkpointing import checkpoint_activations
from radtex.pretraining.loop.checkpoint import Checkpoints, Progress
from radtex.pretraining.loop.optimizer_options import OptimizerOptions
from radtex.pretraining.loop.optimizers import Optimizer
from radtex.pretraining.loop.passes import Passes
from radtex.pretraining.loop.processes import Processes
from radtex.pretraining.loop.skipping import NotFinite, Skipping, skipped_entry
from radtex.pretraining.loop.training_options import TrainingOptions
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.watching.loggers import Logger, LoggerName, open_loggers
from radtex.pretraining.watching.pace import Pace
from radtex.pretraining.watching.probe import Probe
from radtex.progress import progress_bar

log = logging.getLogger(__name__)


@dataclass
class Trainer:
    """Trains `objective` on the rows `train`, and selects by the loss on the rows `validate`."""

    objective: Objective
    pixels: Pixels
    train: Rows
    validate: Rows
    augmentation: AugmentationOptions
    optimizer_options: OptimizerOptions
    options: TrainingOptions
    seed: int
    run: Path
    processes: Processes
    image_ids: Sequence[str]
    studies: NDArray[np.int64]
    probe: Probe | None = None
    log_to: Sequence[LoggerName] = ()

    def __post_init__(self) -> None:
        layout = torch.channels_last if self.options.channels_last else torch.contiguous_format
        self.objective.to(self.processes.device)
        self.objective.encoder.to(memory_format=layout)
        if not self.options.compile:
            speed_up_depthwise(self.objective.encoder)
            speed_up_linear(self.objective)
        if self.options.activation_checkpointing:
            checkpoint_activations(self.objective)
        self.draw = SampleDraw(
            len(self.pixels.images),
            self.objective.texts_per_row,
            self.augmentation.flip,
            self.studies if self.options.images_per_study == "one" else None,
        )
        self.skipping = Skipping(
            self.options.max_skipped, self.options.precision == "float16", self.image_ids
        )
        self.epoch_steps = steps_per_epoch(self.draw.size(self.train), self.options.batch_size)
        self.total_steps = self.options.steps or self.options.epochs * self.epoch_steps
        self.optimizer = Optimizer(self.objective, self.optimizer_options, self.total_steps)
        self.checkpoints = Checkpoints(self.run)
        self.loggers: list[Logger] = []

    def fit(self) -> dict[str, Tensor]:
        """Train to the end, from the last checkpoint where there is one.

        Returns:
            The selected weights: of the lowest validation loss, or the last without validation.

        Raises:
            RunError: if too many steps in a row, or all validations, are not finite.
        """
        progress = self.skipping.start(self.checkpoints.restore(self.objective, self.optimizer))
        passes = Passes(
            self.objective,
            self.pixels,
            self.augmentation,
            self.options.micro_batches,
            self.options.precision,
            self.seed,
            self.processes,
            self.options.compile,
        )
        every = self.options.validate_every or self.epoch_steps
        first = self.processes.first
        pace = Pace(self.processes.device)
        with (
            open_loggers(self.run, self.log_to if first else ()) as self.loggers,
            progress_bar("training", self.total_steps, "steps", progress.step, first) as bar,
        ):
            for step, batch, following in self._steps(progress.step):
                progress, entry = self._step(passes, progress, step, batch, following)
                progress = self._log(progress, entry)
                last = step + 1 == self.total_steps
                if len(self.validate) and ((step + 1) % every == 0 or last):
                    measured = passes.validate(self.validate, self.options.batch_size)
                    progress = self._log(progress, {"step": step + 1, **measured})
                    progress = self._select(progress, measured["val_loss"])
                if self.probe and first and ((step + 1) % self.probe.every == 0 or last):
                    probed = self.probe.measure(self.objective.encoder)
                    progress = self._log(progress, {"step": step + 1, **probed})
                if last or (step + 1) % self.options.checkpoint_every == 0:
                    if first:
                        self.checkpoints.save(progress, self.objective, self.optimizer)
                    self.processes.wait()
                bar.advance()
                bar.note(pace.words(entry, len(batch)))
        if progress.best_loss is not None:
            return self.checkpoints.best()
        if len(self.validate):
            raise RunError(
                "no validation of this run has a finite loss; lower --learning-rate and "
                "--encoder-learning-rate and start a new run"
            )
        return self.objective.state_dict()

    def _step(
        self,
        passes: Passes,
        progress: Progress,
        step: int,
        batch: Samples,
        following: Samples | None,
    ) -> tuple[Progress, dict[str, Any]]:
        """Train a step, or skip it where it is not finite: in all processes or in none."""
        entry: dict[str, Any] = {"step": step + 1, "epoch": step // self.epoch_steps}
        try:
            entry |= passes.train(step, batch, progress.loss_scale, following)
            self.optimizer.step(step, passes.gradient_norm)
            progress = self.skipping.trained(progress)
        except NotFinite as found:
            progress = self.skipping.skipped(progress, step, found)
            entry |= skipped_entry(found, progress.loss_scale, self.skipping.half)
        return replace(progress, step=step + 1), entry

    def _steps(self, start: int) -> Iterator[tuple[int, Samples, Samples | None]]:
        """The number and batch of each step to do, and the batch of the next."""
        waiting: tuple[int, Samples] | None = None
        for step, batch in self._numbered_batches(start):
            if waiting:
                yield *waiting, batch
            waiting = (step, batch)
        if waiting:
            yield *waiting, None

    def _numbered_batches(self, start: int) -> Iterator[tuple[int, Samples]]:
        for epoch in range(start // self.epoch_steps, -(-self.total_steps // self.epoch_steps)):
            samples = self.draw.epoch(self.train, self.seed, epoch)
            batches = epoch_batches(samples, self.options.batch_size, self.seed, epoch)
            for step, batch in enumerate(batches, epoch * self.epoch_steps):
                if start <= step < self.total_steps:
                    yield step, batch

    def _select(self, progress: Progress, loss: float) -> Progress:
        if not math.isfinite(loss):
            log.warning("the validation loss is not finite at step %d", progress.step)
            return progress
        if progress.best_loss is not None and loss >= progress.best_loss:
            return progress
        if self.processes.first:
            self.checkpoints.save_best(self.objective)
        return replace(progress, best_loss=loss, best_step=progress.step)

    def _log(self, progress: Progress, entry: dict[str, Any]) -> Progress:
        line = (json.dumps(entry) + "\n").encode()
        if self.processes.first:
            path = self.checkpoints.metrics
            with explain_write_errors(path), path.open("ab") as file:
                file.write(line)
        for logger in self.loggers:
            logger.write(entry)
        return replace(progress, metrics_bytes=progress.metrics_bytes + len(line))
