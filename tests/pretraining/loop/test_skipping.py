"""The course of a run around steps that are not finite."""

import logging
from dataclasses import replace

import numpy as np
import pytest

from radtex.errors import RunError
from radtex.pretraining.loop.checkpoint import Progress
from radtex.pretraining.loop.skipping import FIRST_SCALE, GROWTH_STEPS, NotFinite, Skipping

IDS = ["a", "b", "c"]
LOSS = NotFinite({}, np.array([1, 4, 2]), loss_is_finite=False)
GRADIENT = NotFinite({"loss": 1.0}, np.array([0]), loss_is_finite=True)


def test_more_skipped_steps_in_a_row_than_allowed_end_the_run() -> None:
    skipping = Skipping(2, False, IDS)
    progress = skipping.start(Progress())
    for step in range(2):
        progress = skipping.skipped(progress, step, LOSS)
    progress = skipping.trained(progress)
    for step in range(3, 5):
        progress = skipping.skipped(progress, step, LOSS)
    with pytest.raises(RunError, match="not finite at step 6, after 2 skipped") as caught:
        skipping.skipped(progress, 5, LOSS)
    assert "\n" not in str(caught.value)


def test_the_log_names_the_images_once_each(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        Skipping(9, False, IDS).skipped(Progress(), 6, LOSS)
    assert caplog.messages == ["step 7 skipped: the loss is not finite; images: b, c"]


def test_an_overflow_halves_the_scale_until_it_is_one_and_counts_from_there() -> None:
    skipping = Skipping(1, True, IDS)
    progress = skipping.start(Progress())
    assert progress.loss_scale == FIRST_SCALE
    for step in range(16):
        progress = skipping.skipped(progress, step, GRADIENT)
        assert progress.loss_scale == FIRST_SCALE / 2 ** (step + 1)
        assert progress.skipped == 0
    progress = skipping.skipped(progress, 16, GRADIENT)
    assert (progress.loss_scale, progress.skipped) == (1.0, 1)
    with pytest.raises(RunError):
        skipping.skipped(progress, 17, GRADIENT)


def test_a_loss_that_is_not_finite_counts_at_any_scale() -> None:
    progress = Skipping(1, True, IDS).skipped(Progress(loss_scale=64.0), 0, LOSS)
    assert (progress.loss_scale, progress.skipped) == (64.0, 1)


def test_the_scale_doubles_after_enough_steps_in_a_row() -> None:
    skipping = Skipping(1, True, IDS)
    progress = replace(Progress(), loss_scale=8.0)
    for _ in range(GROWTH_STEPS - 1):
        progress = skipping.trained(progress)
    assert progress.loss_scale == 8.0
    assert skipping.skipped(progress, 0, GRADIENT).steps_at_scale == 0
    assert skipping.trained(progress).loss_scale == 16.0
    assert skipping.trained(replace(progress, loss_scale=2.0**24)).loss_scale == 2.0**24


def test_a_resumed_run_goes_on_at_its_own_scale() -> None:
    progress = Progress(step=5, loss_scale=2.0)
    assert Skipping(1, True, IDS).start(progress) == progress
