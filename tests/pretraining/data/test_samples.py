"""Samples: which images, texts and sides an epoch shows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.pretraining.data.samples import SampleDraw, mirrored, rows_of

N = 40
ROWS = np.arange(3, 33)


@given(st.integers(0, 5), st.integers(0, 5), st.sampled_from([1, 3]), st.sampled_from([0.0, 0.5]))
def test_an_epoch_shows_every_image_once(seed: int, epoch: int, texts: int, flip: float) -> None:
    draw = SampleDraw(N, texts, flip)
    samples = draw.epoch(ROWS, seed, epoch)
    assert rows_of(samples, N).tolist() == ROWS.tolist()
    assert draw.size(ROWS) == len(samples)
    assert samples.max() < 2 * N * texts
    assert np.array_equal(samples, draw.epoch(ROWS, seed, epoch))


def test_without_a_choice_the_samples_are_the_rows() -> None:
    assert SampleDraw(N).epoch(ROWS, 3, 4).tolist() == ROWS.tolist()


def test_texts_and_sides_are_drawn_anew_each_epoch_at_their_rates() -> None:
    samples = np.stack([SampleDraw(N, 3, 0.2).epoch(ROWS, 0, epoch) for epoch in range(300)])
    text = samples // N // 2
    rates = np.bincount(text.ravel()) / samples.size
    assert rates == pytest.approx([1 / 3] * 3, abs=0.02)
    assert mirrored(samples, N).mean() == pytest.approx(0.2, abs=0.02)
    by_text = [mirrored(samples, N)[text == which].mean() for which in range(3)]
    assert by_text == pytest.approx([0.2] * 3, abs=0.03)
    assert (samples.min(axis=0) != samples.max(axis=0)).all()


def test_one_image_of_each_study_at_equal_rates() -> None:
    studies = np.repeat(np.arange(10), 4)
    studies[:6] = 0
    draw = SampleDraw(N, studies=studies)
    epochs = [draw.epoch(ROWS, 1, epoch) for epoch in range(600)]
    for samples in epochs:
        assert len(samples) == draw.size(ROWS) == len(set(studies[ROWS]))
        assert sorted(studies[samples]) == sorted(set(studies[ROWS]))
        assert set(samples) <= set(ROWS)
    drawn = np.bincount(np.concatenate(epochs), minlength=N) / len(epochs)
    for study in set(studies[ROWS]):
        own = ROWS[studies[ROWS] == study]
        assert drawn[own] == pytest.approx(np.full(len(own), 1 / len(own)), abs=0.07)
