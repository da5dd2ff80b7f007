"""The runs below a folder: how far they are and what they have scored."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from radtex.errors import RunError
from radtex.files import is_held
from radtex.inputs import read_text_input, require_input
from radtex.models.run import CONFIG, PATIENTS, WEIGHTS, Run
from radtex.models.storage import load_weights
from radtex.pretraining.loop.checkpoint import METRICS
from radtex.text_tables import aligned

State = Literal["unstarted", "running", "interrupted", "finished", "damaged"]
SUMMARY = "summary.json"
LARGEST_METRICS = 2**30
"""Bytes of a log of steps, at most."""


@dataclass(frozen=True)
class TransferScore:
    """What a folder of evidence says of a run."""

    evidence: str
    """Path of the folder, below the one that was searched."""
    encoder: str
    """Name of the run's encoder in the evidence."""
    mean_auc: dict[str, float]
    """Mean AUC over the targets, by budget."""


@dataclass(frozen=True)
class RunReport:
    """A run as it stands now; None where that is not known."""

    run: str
    """Path of the run, below the folder that was searched."""
    state: State
    """How far the run is."""
    damage: str | None = None
    """What is wrong, where the state is `damaged`."""
    objective: str | None = None
    """Objective of its recipe."""
    backbone: str | None = None
    """Backbone of its recipe."""
    seed: int | None = None
    """Seed of its recipe."""
    steps_done: int | None = None
    """Steps of the training that are done."""
    steps_total: int | None = None
    """Steps of the whole training."""
    loss: float | None = None
    """Loss of the last step."""
    val_loss: float | None = None
    """Lowest validation loss so far."""
    scores: list[TransferScore] = field(default_factory=list)
    """What evidence below the same folder says of it."""


def runs(folder: Path | str) -> list[RunReport]:
    """Report on every run below `folder`, in order of path; a damaged one gets its report too.

    Args:
        folder: where to look, at any depth.

    Returns:
        What each run is, how far it has come and what it has scored.

    Raises:
        RunError: if `folder` is no folder.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> import radtex
        >>> with TemporaryDirectory() as folder:
        ...     radtex.runs(folder)
        []
    """
    folder = Path(folder)
    require_input(folder, RunError, "the folder that holds the runs")
    if not folder.is_dir():
        raise RunError(f"{folder} is no folder; name the one that holds the runs")
    found, summaries = [], []
    for path in _folders(folder):
        if (path / PATIENTS).is_file() or (path / METRICS).is_file():
            found.append(path)
        elif (path / SUMMARY).is_file():
            summaries.append(path)
    evidence = [(str(path.relative_to(folder)), _summary(path / SUMMARY)) for path in summaries]
    return [_report(run, str(run.relative_to(folder)), evidence) for run in sorted(found)]


def as_json(reports: Sequence[RunReport]) -> str:
    """The reports as one JSON list."""
    return json.dumps([asdict(report) for report in reports], indent=2, ensure_ascii=False)


def table(reports: Sequence[RunReport]) -> str:
    """The reports as aligned lines; a transfer score is the mean AUC at each end of the budgets."""
    if not reports:
        return "no runs"
    head = ("run", "state", "objective", "backbone", "seed", "steps", "loss", "val_loss", "scores")
    return aligned([head, *map(_cells, reports)])


def _cells(report: RunReport) -> tuple[str, ...]:
    def number(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    def ends(score: TransferScore) -> str:
        budgets = sorted(score.mean_auc, key=int)
        shown = dict.fromkeys((budgets[0], budgets[-1]))
        auc = ", ".join(f"{score.mean_auc[budget]:.3f} at {budget}" for budget in shown)
        return f"{score.evidence}: {auc}"

    steps = "–"
    if report.steps_total is not None:
        steps = f"{report.steps_done or 0:,}/{report.steps_total:,}"
    return (
        report.run,
        report.state,
        report.objective or "–",
        report.backbone or "–",
        "–" if report.seed is None else str(report.seed),
        steps,
        number(report.loss),
        number(report.val_loss),
        report.damage or "; ".join(map(ends, report.scores)),
    )


def _folders(folder: Path) -> Iterator[Path]:
    for path, below, _ in os.walk(folder):
        # Hidden ones are outputs that a killed process left half-written.
        below[:] = [name for name in below if not name.startswith(".") and name != "checkpoint"]
        yield Path(path)


def _report(run: Path, name: str, evidence: list[tuple[str, dict[str, Any]]]) -> RunReport:
    try:
        opened = Run.open(run)
        about: dict[str, Any] = {
            "objective": opened.objective,
            "backbone": opened.description.backbone,
            "seed": opened.seed,
            "steps_total": opened.steps,
        }
        identity = {
            "weights": f"run {run.resolve().name}",
            "objective": opened.objective,
            "seed": opened.seed,
            "steps": opened.steps,
            "corpus": opened.corpus_hash,
        }
    except (RunError, KeyError, TypeError, ValueError, OSError) as error:
        return RunReport(name, "damaged", str(error) if isinstance(error, RunError) else CONFIG)
    scores = [score for where, summary in evidence for score in _scores(where, summary, identity)]
    try:
        about |= _metrics(run / METRICS)
        state = _state(run, about["steps_done"])
    except (RunError, ValueError, TypeError, KeyError, OSError) as error:
        damage = str(error) if isinstance(error, RunError) else f"{METRICS} cannot be read"
        return RunReport(name, "damaged", damage, **about, scores=scores)
    return RunReport(name, state, **about, scores=scores)


def _state(run: Path, steps: int) -> State:
    if is_held(run):
        return "running"
    if not (run / PATIENTS).is_file():
        raise RunError(f"{PATIENTS} is missing")
    if (run / WEIGHTS).is_file():
        load_weights(run / WEIGHTS)
        return "finished"
    return "interrupted" if steps else "unstarted"


def _metrics(path: Path) -> dict[str, Any]:
    """Steps done, last loss and best validation loss of a `metrics.jsonl`, which may be growing."""
    steps, loss, best = 0, None, None
    if path.exists():
        whole, _, _ = read_text_input(path, RunError, LARGEST_METRICS).rpartition(
            "\n"
        )  # the last may be half
        for line in whole.splitlines():
            entry = json.loads(line)
            steps = max(steps, int(entry["step"]))
            loss = entry.get("loss", loss)
            if "val_loss" in entry:
                best = entry["val_loss"] if best is None else min(best, entry["val_loss"])
    return {"steps_done": steps, "loss": loss, "val_loss": best}


def _summary(path: Path) -> dict[str, Any]:
    """The content of a `summary.json`; nothing where it is not one of evidence."""
    try:
        content = json.loads(read_text_input(path, RunError))
    except (OSError, ValueError, RecursionError, RunError):
        return {}
    return content if isinstance(content, dict) else {}


def _scores(
    evidence: str, summary: dict[str, Any], identity: dict[str, Any]
) -> Iterator[TransferScore]:
    """The scores of the encoders that an evidence describes as the run of this `identity`."""
    try:
        for encoder in summary["protocol"]["encoders"]:
            if all(encoder.get(key) == value for key, value in identity.items()):
                by_budget = summary["mean_auc"][encoder["name"]]
                means = {budget: float(value["mean"]) for budget, value in by_budget.items()}
                if means:
                    yield TransferScore(evidence, str(encoder["name"]), means)
    except (KeyError, TypeError, AttributeError, ValueError):
        return
