"""The training loop, one for every objective and any number of processes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radtex.errors import StoppedError
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.batches import Rows
from radtex.pretraining.data.epochs import Epochs
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.data.samples import SampleDraw, Samples
from radtex.pretraining.loop.checkpoint import Checkpoints, Progress
from radtex.pretraining.loop.interruption import Interruption, Interruptions, Termination
from radtex.pretraining.loop.network_setup import set_up_network
from radtex.pretraining.loop.optimizer_options import OptimizerOptions
from radtex.pretraining.loop.optimizers import Optimizer
from radtex.pretraining.loop.passes import Passes
from radtex.pretraining.loop.processes import Processes
from radtex.pretraining.loop.selection import Selection
from radtex.pretraining.loop.skipping import NotFinite, Skipping, skipped_entry
from radtex.pretraining.loop.training_options import TrainingOptions
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.watching.loggers import LoggerName, open_loggers
from radtex.pretraining.watching.metrics_file import MetricsFile
from radtex.pretraining.watching.pace import Pace
from radtex.pretraining.watching.probe import Probe
from radtex.progress import progress_bar


@dataclass
class Trainer:
    """Trains `objective` on the rows `train`, and selects by the loss on the rows `validate`.

    A step:

    1. Deal the next batch of its epoch into micro-batches, the same number to each process.
    2. Read and augment the images of a micro-batch; take the targets of its samples.
    3. Run the objective: sums of the terms of its loss, each over its count in the whole step.
    4. Add the gradients of all micro-batches, as one tree over all processes.
    5. Enter the batch-norm statistics of all micro-batches, in order, into the averages.
    6. Clip the gradient and move the weights; or skip the step where something is not finite.
    7. Write a line of `metrics.jsonl`. When due, validate, probe and keep a checkpoint.
    8. Stop where one of the processes was asked to.

    Steps 2 to 5 are `Passes.train`, step 6 is `Optimizer.step`.
    """

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
    termination: Termination = field(default_factory=Termination)
    checkpoint_minutes: float | None = None

    def __post_init__(self) -> None:
        set_up_network(self.objective, self.options, self.processes.device)
        draw = SampleDraw(
            len(self.pixels.images),
            self.objective.texts_per_row,
            self.augmentation.flip,
            self.studies if self.options.images_per_study == "one" else None,
        )
        half = self.options.precision == "float16"
        self.skipping = Skipping(self.options.max_skipped, half, self.image_ids)
        self.epochs = Epochs(draw, self.train, self.options.batch_size, self.seed)
        self.total_steps = self.options.steps or self.options.epochs * self.epochs.steps
        self.optimizer = Optimizer(self.objective, self.optimizer_options, self.total_steps)
        self.checkpoints = Checkpoints(self.run)

    def fit(self) -> dict[str, Tensor]:
        """Train to the end, from the last checkpoint where there is one.

        Returns:
            The weights to keep: the last, or those of the lowest validation loss where the options
            want these and there is a validation.

        Raises:
            RunError: if too many steps in a row, or all validations, are not finite.
            StoppedError: if a process was asked to end; a checkpoint is kept.
        """
        progress = self.skipping.start(self.checkpoints.restore(self.objective, self.optimizer))
        passes, pace, first = self._passes(), Pace(self.processes.device), self.processes.first
        selection = Selection(self.objective, self.checkpoints, first, self.options.kept_weights)
        interruptions = Interruptions(self.processes, self.termination, self.checkpoint_minutes)
        with (
            open_loggers(self.run, self.log_to if first else ()) as loggers,
            progress_bar("training", self.total_steps, "steps", progress.step, first) as bar,
        ):
            metrics = MetricsFile(self.checkpoints.metrics, loggers, first)
            for step, batch, following in self.epochs.batches(progress.step, self.total_steps):
                progress, entry = self._step(passes, progress, step, batch, following)
                progress = metrics.add(progress, entry)
                if len(self.validate) and self._due(step, self.options.validate_every):
                    measured = passes.validate(self.validate, self.options.batch_size)
                    progress = metrics.add(progress, {"step": step + 1, **measured})
                    progress = selection.consider(progress, measured["val_loss"])
                if self.probe and first and self._due(step, self.probe.every):
                    probed = self.probe.measure(self.objective.encoder)
                    progress = metrics.add(progress, {"step": step + 1, **probed})
                interruption = interruptions.after_step()
                if interruption or self._due(step, self.options.checkpoint_every):
                    if first:
                        self.checkpoints.save(progress, self.objective, self.optimizer)
                    self.processes.wait()
                    interruptions.kept()
                bar.advance()
                bar.note(pace.words(entry, len(batch)))
                if interruption is Interruption.STOP and following is not None:
                    raise StoppedError(
                        f"stopped after step {step + 1} of {self.total_steps}, since SIGTERM came; "
                        "its checkpoint is kept: repeat the command with --resume"
                    )
        return selection.weights(progress, validated=len(self.validate) > 0)

    def _passes(self) -> Passes:
        return Passes(
            self.objective,
            self.pixels,
            self.augmentation,
            self.options.micro_batches or self.processes.count,
            self.options.precision,
            self.seed,
            self.processes,
            self.options.compile,
        )

    def _step(
        self,
        passes: Passes,
        progress: Progress,
        step: int,
        batch: Samples,
        following: Samples | None,
    ) -> tuple[Progress, dict[str, Any]]:
        """Train a step, or skip it where it is not finite: in all processes or in none."""
        entry: dict[str, Any] = {"step": step + 1, "epoch": step // self.epochs.steps}
        try:
            entry |= passes.train(step, batch, progress.loss_scale, following)
            self.optimizer.step(step, passes.gradient_norm)
            progress = self.skipping.trained(progress)
        except NotFinite as found:
            progress = self.skipping.skipped(progress, step, found)
            entry |= skipped_entry(found, progress.loss_scale, self.skipping.half)
        return replace(progress, step=step + 1), entry

    def _due(self, step: int, every: int | None) -> bool:
        """Whether what is done every so many steps, or every epoch, follows step `step`."""
        done = step + 1
        return done % (every or self.epochs.steps) == 0 or done == self.total_steps
