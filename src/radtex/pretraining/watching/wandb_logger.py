"""Metrics for Weights & Biases: a folder to hand over later, or its server."""

import os
import shutil
import uuid
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from radtex.errors import RunError
from radtex.files import write_text
from radtex.models.run import Run
from radtex.pretraining.watching.logger import Logger, leaves, one_line, points

WANDB_RUN = "wandb.txt"
_FOLDER = "wandb"
_SECONDS = 30.0  # to wait for a server at the start


class WandbLogger(Logger):
    """A run of the project `radtex`, found again by the id in `RUN/wandb.txt`.

    It is kept in `RUN/wandb`, and no network is used, unless the environment variable WANDB_MODE is
    `online`. What was kept is written anew whenever the logger is opened, under the same id; a
    server is told only the steps that it does not have. Without a project of its own
    (WANDB_PROJECT) a run is one of `radtex`.
    """

    PROJECT = "radtex"

    def __init__(self, run: Path) -> None:
        # Neither crashes, nor the machine, nor the code: numbers and the recipe alone.
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        wandb = import_module("wandb")
        mode = os.environ.get("WANDB_MODE", "offline")
        if mode == "offline" and (run / _FOLDER).exists():
            shutil.rmtree(run / _FOLDER)
        kept = run / WANDB_RUN
        if not kept.is_file():
            write_text(kept, uuid.uuid4().hex[:12] + "\n")
        try:
            self._run: Any = wandb.init(
                project=os.environ.get("WANDB_PROJECT", self.PROJECT),
                name=run.name,
                id=kept.read_text(encoding="ascii").strip(),
                resume="allow",
                mode=mode,
                dir=run,
                config=leaves(Run.open(run).recipe),
                settings=wandb.Settings(
                    silent=True,
                    console="off",
                    init_timeout=_SECONDS,
                    disable_git=True,
                    disable_code=True,
                    host="-",
                    username="-",
                    x_disable_meta=True,
                    x_disable_stats=True,
                    x_save_requirements=False,
                ),
            )
        except wandb.errors.Error as error:
            raise RunError(
                f"Weights & Biases cannot be reached ({one_line(error)}); mend that, leave "
                "WANDB_MODE out to keep its files in the run, or leave --log-to wandb out, and "
                "start with --resume"
            ) from error
        self._next = int(self._run.step)

    def write(self, entry: Mapping[str, float]) -> None:
        """Log the points of a step that is not there yet."""
        if int(entry["step"]) >= self._next:
            self._run.log(points(entry), step=int(entry["step"]))

    def close(self) -> None:
        """Hand over what is still held back, and end the run."""
        self._run.finish()
        import_module("wandb").teardown()  # waits until the file is whole
