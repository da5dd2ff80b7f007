"""The last weights are kept, or those of the lowest validation loss."""

import logging
import math
from pathlib import Path

import pytest
import torch

from fixtures.passes import Tiny
from radtex.errors import RunError
from radtex.pretraining.loop.checkpoint import Checkpoints, Progress
from radtex.pretraining.loop.selection import Selection


def considered(selection: Selection, losses: list[float]) -> Progress:
    """Consider a loss per step; a weight tells which step it was."""
    progress = Progress()
    selection.checkpoints.folder.mkdir(exist_ok=True)
    for step, loss in enumerate(losses, 1):
        with torch.no_grad():
            selection.objective.head.bias.fill_(step)
        progress = selection.consider(
            Progress(step, 0, progress.best_loss, progress.best_step), loss
        )
    return progress


def test_the_first_of_the_lowest_is_kept(tmp_path: Path) -> None:
    selection = Selection(Tiny(), Checkpoints(tmp_path), writes=True)
    progress = considered(selection, [3.0, 1.0, 2.0, 1.0])
    assert (progress.best_loss, progress.best_step) == (1.0, 2)
    assert selection.weights(progress, validated=True)["head.bias"].item() == 2


def test_a_loss_that_is_not_finite_is_never_the_best(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    selection = Selection(Tiny(), Checkpoints(tmp_path), writes=True)
    with caplog.at_level(logging.WARNING):
        progress = considered(selection, [math.nan, 4.0, -math.inf])
    assert (progress.best_loss, progress.best_step) == (4.0, 2)
    assert [record.args for record in caplog.records] == [(1,), (3,)]
    with pytest.raises(RunError, match="no validation of this run has a finite loss"):
        selection.weights(considered(selection, [math.nan]), validated=True)


def test_the_last_are_kept_where_they_are_wanted(tmp_path: Path) -> None:
    selection = Selection(Tiny(), Checkpoints(tmp_path), writes=True, keeps="last")
    progress = considered(selection, [3.0, 1.0, 2.0])
    assert (progress.best_loss, progress.best_step) == (1.0, 2)
    assert selection.weights(progress, validated=True)["head.bias"].item() == 3
    assert not list(selection.checkpoints.folder.iterdir())
    with pytest.raises(RunError, match="no validation of this run has a finite loss"):
        selection.weights(considered(selection, [math.nan]), validated=True)


def test_without_validation_the_last_weights_are_kept(tmp_path: Path) -> None:
    objective = Tiny()
    selection = Selection(objective, Checkpoints(tmp_path), writes=True)
    weights = selection.weights(Progress(5), validated=False)
    assert torch.equal(weights["head.weight"], objective.head.weight)


def test_only_one_process_writes(tmp_path: Path) -> None:
    selection = Selection(Tiny(), Checkpoints(tmp_path), writes=False)
    assert considered(selection, [1.0]).best_loss == 1.0
    assert not list(selection.checkpoints.folder.iterdir())
