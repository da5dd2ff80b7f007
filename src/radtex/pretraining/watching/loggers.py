"""Copies of a run's metrics for those who watch it: TensorBoard, MLflow and Weights & Biases.

`metrics.jsonl` is the source of truth. A logger that is opened first takes over what stands there
and not yet in its own place, so a resumed run, cut back to its checkpoint, doubles and loses no
point, and a logger may join a run at any time.
"""

import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from radtex.errors import RunError
from radtex.files import write_text
from radtex.models.run import Run
from radtex.pretraining.loop.checkpoint import METRICS
from radtex.pretraining.watching.logger import Logger, leaves, one_line, points
from radtex.pretraining.watching.wandb_logger import WandbLogger

LoggerName = Literal["tensorboard", "mlflow", "wandb"]
PACKAGES: Mapping[LoggerName, str] = {
    "tensorboard": "tensorboardX",
    "mlflow": "mlflow",
    "wandb": "wandb",
}
TENSORBOARD = "tensorboard"
MLFLOW_RUN = "mlflow.txt"

_log = logging.getLogger(__name__)


class TensorBoardLogger(Logger):
    """Event files in `RUN/tensorboard`, written anew whenever the logger is opened."""

    def __init__(self, run: Path) -> None:
        folder = run / TENSORBOARD
        if folder.exists():
            shutil.rmtree(folder)
        self._writer = import_module("tensorboardX").SummaryWriter(str(folder))

    def write(self, entry: Mapping[str, float]) -> None:
        """Add a point to the curve of each number."""
        for name, value in points(entry).items():
            self._writer.add_scalar(name, value, int(entry["step"]))

    def close(self) -> None:
        """Write what is still held back."""
        self._writer.close()


class MLflowLogger(Logger):
    """A run of the MLflow experiment `radtex`, found again by the id in `RUN/mlflow.txt`.

    It goes to the server that the environment variable MLFLOW_TRACKING_URI names; without one, to
    the folder `mlruns` beside the run, and to no network.
    """

    EXPERIMENT = "radtex"
    AT_ONCE = 500
    """Points sent together; MLflow takes at most 1,000."""

    def __init__(self, run: Path) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        place = os.environ.get("MLFLOW_TRACKING_URI")
        if not place:
            # Its makers now want a database server for more than a folder's worth of runs.
            os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
            place = (run.resolve().parent / "mlruns").as_uri()
        self._errors: Any = import_module("mlflow.exceptions").MlflowException
        self._point: Any = import_module("mlflow.entities").Metric
        self._waiting: list[Any] = []
        self._place = place
        try:
            self._client: Any = import_module("mlflow").MlflowClient(tracking_uri=place)
            self._id = self._find(run) or self._start(run)
            self._last = self._last_steps()
        except self._errors as error:
            raise RunError(
                f"MLflow at {place} cannot be used ({one_line(error)}); mend that, or leave "
                "--log-to mlflow out, and start with --resume"
            ) from error

    def _find(self, run: Path) -> str | None:
        kept = run / MLFLOW_RUN
        if not kept.is_file():
            return None
        identity = kept.read_text(encoding="ascii").strip()
        try:
            self._client.get_run(identity)
        except self._errors:
            _log.warning("MLflow knows no run %s any more; its points are written again", identity)
            return None
        return identity

    def _start(self, run: Path) -> str:
        experiment = self._client.get_experiment_by_name(self.EXPERIMENT)
        number = (
            experiment.experiment_id
            if experiment
            else self._client.create_experiment(self.EXPERIMENT)
        )
        identity = str(self._client.create_run(number, run_name=run.name).info.run_id)
        for name, value in leaves(Run.open(run).recipe).items():
            self._client.log_param(identity, name, value)
        write_text(run / MLFLOW_RUN, identity + "\n")
        return identity

    def _last_steps(self) -> dict[str, int]:
        names = self._client.get_run(self._id).data.metrics
        histories = {name: self._client.get_metric_history(self._id, name) for name in names}
        return {name: max(point.step for point in h) for name, h in histories.items()}

    def write(self, entry: Mapping[str, float]) -> None:
        """Hold back the points that the server does not have yet; send them many at once."""
        step = int(entry["step"])
        for name, value in points(entry).items():
            if step > self._last.get(name, 0):
                self._waiting.append(self._point(name, value, int(1000 * time.time()), step))
                self._last[name] = step
                if len(self._waiting) % self.AT_ONCE == 0:
                    self._send()

    def close(self) -> None:
        """Send what is still held back, and end the run on the server."""
        if self._send():
            self._client.set_terminated(self._id)

    def _send(self) -> bool:
        """Hand over all that waits; a server that is away does not end a training."""
        try:
            while self._waiting:
                self._client.log_batch(self._id, self._waiting[: self.AT_ONCE])
                del self._waiting[: self.AT_ONCE]
        except self._errors as error:
            _log.warning(
                "MLflow at %s did not take %d points (%s); they stand in %s, and wait",
                self._place,
                len(self._waiting),
                one_line(error),
                METRICS,
            )
        return not self._waiting


LOGGERS: Mapping[LoggerName, Callable[[Path], Logger]] = {
    "tensorboard": TensorBoardLogger,
    "mlflow": MLflowLogger,
    "wandb": WandbLogger,
}


def check_loggers(names: Sequence[LoggerName]) -> None:
    """Raise `RunError` if the package of a logger is not installed."""
    for name in names:
        try:
            import_module(PACKAGES[name])
        except ImportError as error:
            raise RunError(
                f"--log-to {name} needs the package {PACKAGES[name]}; "
                f"pip install 'radtex[{name}]', or leave it out"
            ) from error


@contextmanager
def open_loggers(run: Path, names: Sequence[LoggerName]) -> Iterator[list[Logger]]:
    """Open the loggers `names` of a run whose `metrics.jsonl` is cut back to its checkpoint.

    Raises:
        RunError: if a logger cannot be reached.
    """
    with ExitStack() as held:
        loggers: list[Logger] = []
        for name in dict.fromkeys(names):
            logger = LOGGERS[name](run)
            held.callback(logger.close)
            loggers.append(logger)
        if loggers and (run / METRICS).exists():
            with (run / METRICS).open(encoding="utf-8") as lines:
                for line in lines:
                    for logger in loggers:
                        logger.write(json.loads(line))
        yield loggers
