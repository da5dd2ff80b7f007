"""Which weights of a run are kept: its last ones, or those of its lowest validation loss."""

import logging
import math
from dataclasses import dataclass, replace

from torch import Tensor

from radtex.errors import RunError
from radtex.pretraining.loop.checkpoint import Checkpoints, Progress
from radtex.pretraining.loop.training_options import KeptWeights
from radtex.pretraining.objectives.objective import Objective

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Selection:
    """Says which weights of an objective its run keeps.

    The lowest validation loss tells when a network grows too sure, not when its features stop
    gaining: docs/evidence.md has what either rule learnt.
    """

    objective: Objective
    """What is trained."""
    checkpoints: Checkpoints
    """Where the best weights are kept."""
    writes: bool
    """Whether this process is the one that writes."""
    keeps: KeptWeights = "lowest-validation-loss"
    """Which weights are kept."""

    def consider(self, progress: Progress, loss: float) -> Progress:
        """Note a validation, and keep its weights where its loss decides and is the lowest."""
        if not math.isfinite(loss):
            _log.warning("the validation loss is not finite at step %d", progress.step)
            return progress
        if progress.best_loss is not None and loss >= progress.best_loss:
            return progress
        if self.writes and self.keeps == "lowest-validation-loss":
            self.checkpoints.save_best(self.objective)
        return replace(progress, best_loss=loss, best_step=progress.step)

    def weights(self, progress: Progress, validated: bool) -> dict[str, Tensor]:
        """Return the weights to keep at the end of a run.

        Args:
            progress: of the run.
            validated: whether there was a validation; without one the last weights are kept.

        Raises:
            RunError: if no validation had a finite loss.
        """
        if validated and progress.best_loss is None:
            raise RunError(
                "no validation of this run has a finite loss; lower --learning-rate and "
                "--encoder-learning-rate and start a new run"
            )
        if validated and self.keeps == "lowest-validation-loss":
            return self.checkpoints.best()
        return self.objective.state_dict()
