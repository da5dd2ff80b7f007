"""Batches of a training: all of an epoch, one after the other, from any step on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.pretraining.data.epochs import Epochs
from radtex.pretraining.data.samples import SampleDraw, rows_of

ROWS = np.arange(2, 13)


@pytest.fixture(scope="module")
def epochs() -> Epochs:
    return Epochs(SampleDraw(20, texts=3, flip=0.5), ROWS, 4, seed=1)


def test_each_epoch_shows_every_row_once(epochs: Epochs) -> None:
    assert epochs.steps == 3
    batches = [batch for _, batch, _ in epochs.batches(0, 6)]
    for epoch in (batches[:3], batches[3:]):
        assert sorted(rows_of(np.concatenate(epoch), 20)) == ROWS.tolist()
    assert np.concatenate(batches[:3]).tolist() != np.concatenate(batches[3:]).tolist()


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_run_that_goes_on_sees_what_it_would_have_seen(epochs: Epochs, start: int, end: int):
    whole = {step: batch.tolist() for step, batch, _ in epochs.batches(0, 12)}
    found = list(epochs.batches(start, end))
    assert [step for step, _, _ in found] == list(range(start, end))
    for step, batch, following in found:
        assert batch.tolist() == whole[step]
        assert (following is None) == (step == end - 1)
        assert following is None or following.tolist() == whole[step + 1]


def test_an_epoch_of_one_image_per_study_is_shorter() -> None:
    studies = np.repeat(np.arange(10), 2)
    epochs = Epochs(SampleDraw(20, studies=studies), np.arange(20), 4, seed=0)
    assert epochs.steps == 3
    shown = np.concatenate([batch for _, batch, _ in epochs.batches(0, 3)])
    assert sorted(studies[shown]) == list(range(10))
