"""The loop: when it measures, when it keeps, and where it goes on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from fixtures.passes import ALONE, STILL, TEXTS, Tiny, films
from radtex.errors import RunError, StoppedError
from radtex.pretraining.loop.checkpoint import Checkpoints
from radtex.pretraining.loop.optimizer_options import OptimizerOptions
from radtex.pretraining.loop.trainer import Trainer
from radtex.pretraining.loop.training_options import TrainingOptions
from radtex.pretraining.objectives.objective import Objective

TRAIN, VALIDATE = np.arange(4), np.array([4, 5])


def trainer(run: Path, objective: Objective | None = None, **options: Any) -> Trainer:
    run.mkdir(exist_ok=True)
    return Trainer(
        objective=objective or Tiny(),
        pixels=films(),
        train=TRAIN,
        validate=options.pop("validate", VALIDATE),
        augmentation=STILL,
        optimizer_options=OptimizerOptions(learning_rate=0.1, encoder_learning_rate=0.1),
        options=TrainingOptions(**{"batch_size": 2, "steps": 5} | options),
        seed=0,
        run=run,
        processes=ALONE,
        image_ids=[f"i{row}" for row in range(len(TEXTS))],
        studies=np.array([0, 0, 1, 2, 3, 3]),
    )


def lines(run: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_metrics_validations_and_checkpoints_come_when_they_are_due(tmp_path: Path) -> None:
    trainer(tmp_path, validate_every=2, checkpoint_every=3).fit()
    steps = [line for line in lines(tmp_path) if "loss" in line]
    assert [(line["step"], line["epoch"]) for line in steps] == [
        (1, 0), (2, 0), (3, 1), (4, 1), (5, 2)
    ]  # fmt: skip
    assert [line["step"] for line in lines(tmp_path) if "val_loss" in line] == [2, 4, 5]
    folders = sorted(folder.name for folder in (tmp_path / "checkpoint").glob("0*"))
    assert folders == ["00000003", "00000005"]


def test_by_default_each_epoch_ends_in_a_validation(tmp_path: Path) -> None:
    trainer(tmp_path, steps=None, epochs=3).fit()
    assert [line["step"] for line in lines(tmp_path) if "val_loss" in line] == [2, 4, 6]


def test_an_epoch_may_show_one_image_of_each_study(tmp_path: Path) -> None:
    training = trainer(tmp_path, images_per_study="one", batch_size=1, steps=None, epochs=2)
    assert training.epochs.steps == 3
    assert training.total_steps == 6


def test_the_clock_keeps_checkpoints_beside_those_that_are_due(tmp_path: Path) -> None:
    training = trainer(tmp_path, checkpoint_every=100)
    training.checkpoint_minutes = 1e-9
    training.fit()
    folders = sorted(folder.name for folder in (tmp_path / "checkpoint").glob("0*"))
    assert folders == ["00000004", "00000005"]


def test_a_loop_that_is_asked_to_end_keeps_its_step_unless_it_was_the_last(tmp_path: Path) -> None:
    whole = trainer(tmp_path / "whole").fit()
    for step in range(1, 5):
        training = trainer(tmp_path / "run")
        training.termination.asked = True
        with pytest.raises(StoppedError, match=f"after step {step} of 5, since SIGTERM came"):
            training.fit()
    training = trainer(tmp_path / "run")
    training.termination.asked = True
    resumed = training.fit()
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)
    assert lines(tmp_path / "run") == lines(tmp_path / "whole")


def test_a_loop_that_was_stopped_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    """Stopped after step 4, of which steps 1 to 3 are kept."""

    class Stopped(Tiny):
        def targets(self, rows: np.ndarray) -> dict[str, Tensor]:
            self.calls = getattr(self, "calls", 0) + self.training
            if self.calls > 4:
                raise KeyboardInterrupt
            return super().targets(rows)

    options = {"checkpoint_every": 3, "validate_every": 2}
    whole = trainer(tmp_path / "whole", **options).fit()
    with pytest.raises(KeyboardInterrupt):
        trainer(tmp_path / "cut", Stopped(), **options).fit()
    assert [line["step"] for line in lines(tmp_path / "cut") if "loss" in line][-1] >= 3
    resumed = trainer(tmp_path / "cut", **options).fit()
    assert all(torch.equal(value, whole[name]) for name, value in resumed.items())
    assert lines(tmp_path / "cut") == lines(tmp_path / "whole")


def test_the_weights_returned_are_the_best_and_without_validation_the_last(tmp_path: Path) -> None:
    validated = trainer(tmp_path / "a", validate_every=1)
    best = validated.fit()
    assert all(torch.equal(v, best[k]) for k, v in Checkpoints(tmp_path / "a").best().items())
    plain = trainer(tmp_path / "b", validate=TRAIN[:0])
    last = plain.fit()
    assert all(torch.equal(v, last[k]) for k, v in plain.objective.state_dict().items())
    assert not any("val_loss" in line for line in lines(tmp_path / "b"))


class Broken(Tiny):
    """Its loss is infinite for row 0."""

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """See `Tiny`."""
        return super().forward(images, targets) / targets["wanted"].prod()


def test_a_step_that_is_not_finite_is_skipped_and_said(tmp_path: Path) -> None:
    trainer(tmp_path, Broken(), batch_size=1, steps=8, max_skipped=1, validate=TRAIN[:0]).fit()
    skipped = [line for line in lines(tmp_path) if "skipped" in line]
    assert len(skipped) == 2
    assert all("loss" not in line for line in skipped)


def test_too_many_skipped_steps_and_no_finite_validation_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not finite at step"):
        trainer(tmp_path / "a", Broken(), batch_size=4, max_skipped=2).fit()
    with pytest.raises(RunError, match="no validation of this run has a finite loss"):
        trainer(tmp_path / "b", Broken(), batch_size=1, steps=2, validate=TRAIN[:1]).fit()
