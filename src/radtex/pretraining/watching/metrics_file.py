"""The lines of `metrics.jsonl`, and their copies in the loggers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from radtex.files import explain_write_errors
from radtex.pretraining.loop.checkpoint import Progress
from radtex.pretraining.watching.logger import Logger


@dataclass(frozen=True)
class MetricsFile:
    """Writes what a run has measured, in one of its processes; the others count along."""

    path: Path
    """Where `metrics.jsonl` is, or will be."""
    loggers: Sequence[Logger]
    """What takes a copy of each line."""
    writes: bool
    """Whether this process is the one that writes."""

    def add(self, progress: Progress, entry: Mapping[str, Any]) -> Progress:
        """Add a line and return the progress with the file's new length.

        Raises:
            OutputError: if the file cannot be written.
        """
        line = (json.dumps(entry) + "\n").encode()
        if self.writes:
            with explain_write_errors(self.path), self.path.open("ab") as file:
                file.write(line)
        for logger in self.loggers:
            logger.write(entry)
        return replace(progress, metrics_bytes=progress.metrics_bytes + len(line))
