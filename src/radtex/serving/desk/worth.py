"""What the labels so far are worth: the curve of `radtex plan`, and a classifier made of them."""

import json
import logging
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from radtex.corpus.readings.journal import put_readings
from radtex.errors import ProtocolError, RadtexError
from radtex.serving.desk.label_desk import LabelDesk
from radtex.serving.desk.label_journal import SERVED_LABELS
from radtex.transfer.planning.plan import plan

_log = logging.getLogger(__name__)

State = Literal["idle", "running", "done", "failed"]
MORE = (50, 100, 200)
"""Labels beyond those there are, at which the curve is read."""
_REPEATS = 10


@dataclass(frozen=True)
class PlanSoFar:
    """The curve at some number of labels."""

    labels: int
    """Definite labels, of the target that has fewest, when it was computed."""
    content: dict[str, Any] = field(default_factory=dict)
    """As `radtex plan --out` writes it; empty where the labels are too few."""
    why: str = ""
    """Why there is no curve."""


class Planner:
    """Computes the curve in the background, one at a time."""

    def __init__(self, desk: LabelDesk) -> None:
        """Compute nothing yet."""
        self._desk, self._lock = desk, threading.Lock()
        self.last: PlanSoFar | None = None
        """The newest one."""

    @property
    def running(self) -> bool:
        """Whether a curve is being computed."""
        return self._lock.locked()

    def is_due(self) -> bool:
        """Whether there are other labels than those that the newest curve was made of."""
        return self.last is None or self.last.labels != self._labels()

    def compute(self) -> None:
        """Compute the curve of the labels so far. Called again while it works, it does nothing."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self.last = self._planned()
        finally:
            self._lock.release()

    def _labels(self) -> int:
        counts = [count for count in self._desk.definite().values() if count]
        return min(counts, default=0)

    def _planned(self) -> PlanSoFar:
        labels = self._labels()
        if self._desk.run is None:
            return PlanSoFar(labels, why="A curve needs a run beside the classifier: serve both.")
        targets = [name for name, count in self._desk.definite().items() if count]
        if not targets:
            return PlanSoFar(labels, why="There are no labels in the pool yet.")
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "plan.json"
            budgets = (labels, *(labels + more for more in MORE))
            try:
                corpus = self._desk.labelled_corpus()
                plan(corpus, str(self._desk.run), targets, budgets, repeats=_REPEATS, out=out)
            except RadtexError as error:
                return PlanSoFar(labels, why=f"{str(error)[:1].upper()}{str(error)[1:]}.")
            content: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
            return PlanSoFar(labels, content)


class Retraining:
    """Makes a classifier of the labels so far, in a process of its own."""

    def __init__(self, desk: LabelDesk) -> None:
        """Make nothing yet."""
        self._desk, self._lock = desk, threading.Lock()
        self.state: State = "idle"
        self.said = ""
        """How it went, in words."""
        self.classifier: Path | None = None
        """The newest one that was made."""

    def start(self) -> bool:
        """Bring the labels into the corpus, and begin. Returns False if one is at work already.

        Raises:
            ProtocolError: if no run is served, or there are no labels.
            OutputError: if the corpus cannot be written to.
        """
        with self._lock:
            if self.state == "running":
                return False
            if self._desk.run is None:
                raise ProtocolError(
                    "a classifier is made on a run; serve one beside the classifier"
                )
            self._bring()
            counts = {name: n for name, n in self._desk.definite().items() if n}
            if not counts:
                raise ProtocolError("there are no labels in the pool yet")
            self.state, self.said = "running", ""
        return True

    def work(self) -> None:
        """Make the classifier; `state` and `said` tell how it went."""
        try:
            self._make()
        except (OSError, RadtexError) as error:
            _log.error("no classifier was made: %s", error)
            self.state, self.said = "failed", "The classifier could not be made; see the log."

    def _bring(self) -> None:
        desk = self._desk
        readings = desk.readings()
        if readings:
            put_readings(desk.corpus.path, readings, SERVED_LABELS)

    def _make(self) -> None:
        desk = self._desk
        counts = {name: n for name, n in desk.definite().items() if n}
        corpus = desk.corpus.path
        place = _free(corpus.with_name(f"{corpus.name}.classifiers"))
        place.mkdir(parents=True)
        name = f"classifier-{place.name}"  # models that are served are told apart by name
        command = [
            *("nice", "-n", "10", sys.executable, "-m", "radtex", "transfer", str(corpus)),
            *("--encoders", str(desk.run), "--targets", *counts),
            *("--budgets", str(min(counts.values())), "--repeats", "2"),
            *("--save", str(place / name), "--out", str(place / "evidence")),
        ]
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if ended.returncode == 0:
            self.classifier = place / name
            labels = min(counts.values())
            self.state, self.said = "done", f"{name} was made of {labels} labels per finding."
            return
        lines = [each for each in ended.stderr.splitlines() if each.startswith("radtex: ")]
        why = lines[-1].removeprefix("radtex: ") if lines else "see the log of the server"
        _log.error("no classifier was made: %s", why)
        self.state, self.said = "failed", f"{why[:1].upper()}{why[1:]}."


def _free(folder: Path) -> Path:
    number = 1
    while (folder / f"{number}").exists():
        number += 1
    return folder / f"{number}"
