"""Which weights of a run are kept: those of its lowest validation loss."""

import logging
import math
from dataclasses import dataclass, replace

from torch import Tensor

from radtex.errors import RunError
from radtex.pretraining.loop.checkpoint import Checkpoints, Progress
from radtex.pretraining.objectives.objective import Objective

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Selection:
    """Keeps the best weights of an objective among the checkpoints of its run."""

    objective: Objective
    """What is trained."""
    checkpoints: Checkpoints
    """Where the best weights are kept."""
    writes: bool
    """Whether this process is the one that writes."""

    def consider(self, progress: Progress, loss: float) -> Progress:
        """Keep the weights as they are now if their validation loss is the lowest so far."""
        if not math.isfinite(loss):
            _log.warning("the validation loss is not finite at step %d", progress.step)
            return progress
        if progress.best_loss is not None and loss >= progress.best_loss:
            return progress
        if self.writes:
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
        if progress.best_loss is not None:
            return self.checkpoints.best()
        if validated:
            raise RunError(
                "no validation of this run has a finite loss; lower --learning-rate and "
                "--encoder-learning-rate and start a new run"
            )
        return self.objective.state_dict()
