"""Checkpoints: the last two are kept, and the newest whole one is where a run goes on."""

from pathlib import Path

import pytest
import torch

from fixtures.passes import Tiny
from radtex.pretraining.loop.checkpoint import Checkpoints, Progress
from radtex.pretraining.loop.optimizer_options import OptimizerOptions
from radtex.pretraining.loop.optimizers import Optimizer


def trained(step: int) -> tuple[Tiny, Optimizer]:
    """An objective after so many steps, of gradients that differ from step to step."""
    objective = Tiny()
    optimizer = Optimizer(objective, OptimizerOptions(), 100)
    for number in range(step):
        for parameter in objective.parameters():
            parameter.grad = torch.full_like(parameter, 1.0 + number)
        optimizer.step(number, 0.0)
    return objective, optimizer


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    """Those of steps 1, 2 and 3 of a run, each with ten bytes of metrics more."""
    kept = Checkpoints(tmp_path)
    for step in (1, 2, 3):
        kept.save(Progress(step, 10 * step, best_loss=0.5), *trained(step))
    (tmp_path / "metrics.jsonl").write_bytes(b"x" * 45)
    return kept


def same(found: tuple[Tiny, Optimizer], step: int) -> bool:
    """Whether weights and the optimiser's state are those after `step`."""
    (objective, optimizer), (expected, other) = found, trained(step)
    weights = expected.state_dict()
    states = other.state()
    return all(torch.equal(v, weights[k]) for k, v in objective.state_dict().items()) and all(
        torch.equal(value, states[name]) for name, value in optimizer.state().items()
    )


def test_a_run_goes_on_from_the_last_step_and_its_metrics_are_cut(
    checkpoints: Checkpoints,
) -> None:
    fresh = trained(0)
    assert checkpoints.restore(*fresh) == Progress(3, 30, best_loss=0.5)
    assert same(fresh, 3)
    assert checkpoints.metrics.stat().st_size == 30
    assert sorted(folder.name for folder in checkpoints.folder.iterdir()) == [
        "00000002",
        "00000003",
    ]


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "progress.json"])
@pytest.mark.parametrize("gone", [False, True])
def test_a_damaged_checkpoint_is_passed_over(
    checkpoints: Checkpoints, name: str, gone: bool
) -> None:
    file = checkpoints.folder / "00000003" / name
    if gone:
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-9])
    fresh = trained(0)
    assert checkpoints.restore(*fresh).step == 2
    assert same(fresh, 2)
    assert checkpoints.metrics.stat().st_size == 20


def test_without_a_checkpoint_a_run_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text("left by a run that was killed early")
    fresh = trained(0)
    assert Checkpoints(tmp_path).restore(*fresh) == Progress()
    assert same(fresh, 0)
    assert (tmp_path / "metrics.jsonl").read_text() == ""


def test_the_best_weights_are_a_copy(checkpoints: Checkpoints) -> None:
    objective, optimizer = trained(1)
    before = {name: value.clone() for name, value in objective.state_dict().items()}
    checkpoints.save_best(objective)
    for parameter in objective.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step(1, 0.0)
    assert not torch.equal(objective.head.weight, before["head.weight"])
    for name, value in checkpoints.best().items():
        assert torch.equal(value, before[name])
