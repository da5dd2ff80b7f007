"""The training loop, one for every objective and any number of processes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from radtex.files import explain_write_errors
from radtex.pretraining.augmentation import AugmentationOptions
from radtex.pretraining.batches import Rows, epoch_batches, steps_per_epoch
from radtex.pretraining.checkpoint import Checkpoints, Progress
from radtex.pretraining.loggers import Logger, LoggerName, open_loggers
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.optimizers import Optimizer, OptimizerOptions
from radtex.pretraining.pace import Pace
from radtex.pretraining.passes import Passes, Pixels
from radtex.pretraining.probe import Probe
from radtex.pretraining.processes import Processes
from radtex.progress import progress_bar


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
    probe_every: int | None = None
    """steps between linear probes on labels of `validate`; they are logged and select nothing"""
    probe_targets: tuple[str, ...] = ()
    """labels of the probe: a target set or names; all of the corpus if empty"""
    precision: Literal["float32", "bfloat16"] = "float32"
    """of the forward pass, by autocast; weights stay in float32"""
    channels_last: bool = True
    """memory layout of the encoder"""


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
    probe: Probe | None = None
    log_to: Sequence[LoggerName] = ()

    def __post_init__(self) -> None:
        layout = torch.channels_last if self.options.channels_last else torch.contiguous_format
        self.objective.to(self.processes.device)
        self.objective.encoder.to(memory_format=layout)
        self.epoch_steps = steps_per_epoch(len(self.train), self.options.batch_size)
        self.total_steps = self.options.steps or self.options.epochs * self.epoch_steps
        self.optimizer = Optimizer(self.objective, self.optimizer_options, self.total_steps)
        self.checkpoints = Checkpoints(self.run)
        self.loggers: list[Logger] = []

    def fit(self) -> dict[str, Tensor]:
        """Train to the end, from the last checkpoint where there is one.

        Returns:
            The selected weights: of the lowest validation loss, or the last without validation.

        Raises:
            RunError: if the loss is not finite.
        """
        progress = self.checkpoints.restore(self.objective, self.optimizer)
        passes = Passes(
            self.objective,
            self.pixels,
            self.augmentation,
            self.options.micro_batches,
            self.options.precision,
            self.seed,
            self.processes,
        )
        every = self.options.validate_every or self.epoch_steps
        first = self.processes.first
        pace = Pace(self.processes.device)
        with (
            open_loggers(self.run, self.log_to if first else ()) as self.loggers,
            progress_bar("training", self.total_steps, "steps", progress.step, first) as bar,
        ):
            for step, batch in self._steps(progress.step):
                losses = passes.train(step, batch)
                self.optimizer.step(step)
                entry = {"step": step + 1, "epoch": step // self.epoch_steps, **losses}
                progress = self._log(replace(progress, step=step + 1), entry)
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
                bar.note(pace.words(losses, len(batch)))
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
        for logger in self.loggers:
            logger.write(entry)
        return replace(progress, metrics_bytes=progress.metrics_bytes + len(line))
