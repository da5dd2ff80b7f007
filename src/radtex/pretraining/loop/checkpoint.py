"""Checkpoints of a run: where it can go on, to the byte, after it was stopped at any moment."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from torch import Tensor, nn

from radtex.errors import RunError
from radtex.files import whole_folder
from radtex.models.storage import load_weights, save_weights
from radtex.pretraining.loop.optimizers import Optimizer

METRICS = "metrics.jsonl"
BEST = "best.safetensors"


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    step: int = 0
    """Steps done."""
    metrics_bytes: int = 0
    """Length of `metrics.jsonl` at that step."""
    best_loss: float | None = None
    """Lowest validation loss so far; None before the first."""
    best_step: int = 0
    """Step after which it was measured."""
    skipped: int = 0
    """Steps skipped in a row up to here, because they were not finite."""
    loss_scale: float = 1.0
    """What the loss of the next step is multiplied by for its backward pass."""
    steps_at_scale: int = 0
    """Steps in a row with that scale, each with a finite gradient."""


class Checkpoints:
    """The folder `checkpoint/` of a run: one folder per kept step, and the best weights."""

    KEPT = 2
    """Steps that are kept: if the last is damaged, there is one before it."""

    def __init__(self, run: Path) -> None:
        self.folder = run / "checkpoint"
        self.metrics = run / METRICS

    def save(self, progress: Progress, objective: nn.Module, optimizer: Optimizer) -> None:
        """Keep this step, and remove all but the last `KEPT`."""
        target = self.folder / f"{progress.step:08d}"
        if target.exists():
            shutil.rmtree(target)
        with whole_folder(target) as aside:
            save_weights(aside / "model.safetensors", objective.state_dict())
            save_weights(aside / "optimizer.safetensors", optimizer.state())
            text = json.dumps(asdict(progress), indent=2)
            (aside / "progress.json").write_text(text, encoding="utf-8")
        for old in self._steps()[: -self.KEPT]:
            shutil.rmtree(old)

    def save_best(self, objective: nn.Module) -> None:
        """Keep these weights as the best; a copy, not a reference that training would change."""
        save_weights(self.folder / BEST, objective.state_dict())

    def best(self) -> dict[str, Tensor]:
        """The weights kept by `save_best`."""
        return load_weights(self.folder / BEST)

    def restore(self, objective: nn.Module, optimizer: Optimizer) -> Progress:
        """Load the last kept step that is whole, and cut the metrics back to it."""
        progress = Progress()
        for folder in reversed(self._steps()):
            try:
                weights = load_weights(folder / "model.safetensors")
                state = load_weights(folder / "optimizer.safetensors")
                text = (folder / "progress.json").read_text(encoding="utf-8")
                progress = Progress(**json.loads(text))
            except (RunError, OSError, ValueError, TypeError):
                # A damaged checkpoint is what the one before it is kept for.
                continue
            objective.load_state_dict(weights)
            optimizer.load_state(state)
            break
        if self.metrics.exists():
            with self.metrics.open("r+b") as file:
                file.truncate(progress.metrics_bytes)
        return progress

    def _steps(self) -> list[Path]:
        return sorted(folder for folder in self.folder.glob("[0-9]*") if folder.is_dir())
