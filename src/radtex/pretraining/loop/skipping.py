"""Steps whose loss or gradient is not finite: skipped, counted, and in float16 answered by scale.

A skipped step leaves weights, optimiser and running statistics as they were. In float16 the loss
is multiplied before the backward pass, so that small gradients are not lost, and the gradient is
divided again (Micikevicius et al., 2018). The scale is a power of two: neither changes a bit.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from radtex.errors import RunError
from radtex.pretraining.data.samples import Samples
from radtex.pretraining.loop.checkpoint import Progress

_log = logging.getLogger(__name__)

FIRST_SCALE = 2.0**16
LARGEST_SCALE = 2.0**24
GROWTH_STEPS = 2000
"""Steps in a row, each with a finite gradient, after which the scale of float16 is doubled."""


class NotFinite(Exception):  # noqa: N818 — what a step is, not a fault of the program
    """A step that must be skipped."""

    losses: dict[str, float]
    """Losses of the step that are finite."""
    samples: Samples
    """Samples of the micro-batches whose loss is not finite; all of the step where its losses are
    finite and its gradient is not, or where a loss relates them all."""
    loss_is_finite: bool
    """Whether only the gradient is at fault."""

    def __init__(self, losses: dict[str, float], samples: Samples, loss_is_finite: bool) -> None:
        super().__init__("the loss or the gradient of a step is not finite")
        self.losses = losses
        self.samples = samples
        self.loss_is_finite = loss_is_finite


@dataclass(frozen=True)
class Skipping:
    """What becomes of the course of a run after a step."""

    allowed: int
    """Skipped steps in a row; one more ends the run."""
    half: bool
    """Whether the losses are scaled, as float16 needs."""
    image_ids: Sequence[str]
    """Name of each row of the corpus, for the log."""

    def start(self, progress: Progress) -> Progress:
        """Return `progress`, with the first scale if no step is done yet."""
        if progress.step or not self.half:
            return progress
        return replace(progress, loss_scale=FIRST_SCALE)

    def trained(self, progress: Progress) -> Progress:
        """Return the progress after a step that was applied."""
        progress = replace(progress, skipped=0)
        if not self.half:
            return progress
        if progress.steps_at_scale + 1 < GROWTH_STEPS:
            return replace(progress, steps_at_scale=progress.steps_at_scale + 1)
        scale = min(2 * progress.loss_scale, LARGEST_SCALE)
        return replace(progress, loss_scale=scale, steps_at_scale=0)

    def skipped(self, progress: Progress, step: int, found: NotFinite) -> Progress:
        """Return the progress after a step was skipped.

        A gradient that overflows under a scale above 1 halves the scale and is not counted.

        Args:
            progress: before the step.
            step: number of the step, from 0.
            found: what was wrong with it.

        Raises:
            RunError: if more steps than allowed were skipped in a row.
        """
        if found.loss_is_finite and progress.loss_scale > 1:
            scale = progress.loss_scale / 2
            _log.info("step %d skipped: the gradient overflows; loss scale %g", step + 1, scale)
            return replace(progress, loss_scale=scale, steps_at_scale=0)
        _log.warning(
            "step %d skipped: the %s is not finite; images: %s",
            step + 1,
            "gradient" if found.loss_is_finite else "loss",
            ", ".join(self._names(found.samples)),
        )
        if progress.skipped + 1 > self.allowed:
            raise RunError(
                f"the loss is not finite at step {step + 1}, after {progress.skipped} skipped "
                "steps in a row; lower --learning-rate and --encoder-learning-rate and start a "
                "new run"
            )
        return replace(progress, skipped=progress.skipped + 1, steps_at_scale=0)

    def _names(self, samples: Samples) -> list[str]:
        rows = dict.fromkeys((samples % len(self.image_ids)).tolist())
        return [str(self.image_ids[row]) for row in rows]


def skipped_entry(found: NotFinite, scale: float, half: bool) -> dict[str, Any]:
    """What `metrics.jsonl` says of a skipped step: its finite losses, and that it was skipped."""
    return found.losses | {"skipped": True} | ({"loss_scale": scale} if half else {})
