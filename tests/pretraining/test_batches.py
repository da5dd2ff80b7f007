import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.batches import epoch_batches, micro_batches, steps_per_epoch
from radtex.pretraining.captions import Captions
from radtex.reports.training_text import training_texts


@given(st.integers(1, 400), st.integers(1, 40), st.integers(0, 5), st.integers(0, 5))
def test_an_epoch_deals_every_row_once(n: int, batch: int, seed: int, epoch: int) -> None:
    rows = np.arange(n) * 3
    lengths = np.random.default_rng(n).integers(1, 100, 3 * n)
    batches = epoch_batches(rows, lengths, batch, seed, epoch)
    assert len(batches) == steps_per_epoch(n, batch)
    assert sorted(np.concatenate(batches).tolist()) == rows.tolist()
    assert max(map(len, batches)) <= batch


def test_order_is_a_function_of_seed_and_epoch() -> None:
    rows, lengths = np.arange(300), np.random.default_rng(0).integers(1, 100, 300)

    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(epoch_batches(rows, lengths, 16, seed, epoch)).tolist()

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3)
    assert order(1, 2) != order(2, 2)


def test_batches_hold_similar_lengths() -> None:
    lengths = np.random.default_rng(0).integers(10, 100, 5000)
    batches = epoch_batches(np.arange(5000), lengths, 32, 0, 0)
    padded = sum(lengths[batch].max() * len(batch) for batch in batches)
    assert 1 - lengths.sum() / padded < 0.1


@given(st.integers(0, 50), st.sampled_from([1, 2, 4, 8]))
def test_micro_batches_are_a_partition(n: int, parts: int) -> None:
    batch = np.random.default_rng(n).permutation(n)
    pieces = micro_batches(batch, np.arange(n), parts)
    assert len(pieces) == parts
    assert sorted(np.concatenate(pieces).tolist()) == sorted(batch.tolist())
    assert max(map(len, pieces)) - min(map(len, pieces)) <= 1


@pytest.mark.skipif("RADTEX_DATA" not in os.environ, reason="RADTEX_DATA names no real data")
@pytest.mark.parametrize("batch_size", [32, 64])
def test_padding_is_under_a_tenth_of_the_tokens_of_real_reports(batch_size: int) -> None:
    table = pd.read_csv(Path(os.environ["RADTEX_DATA"]) / "nih128" / "reports.csv").fillna("")
    texts = [text for text in training_texts(table.assign(report="")) if text]
    lengths = Captions(texts, Tokenizer.train(texts[:2000], 2000), 128).lengths
    batches = epoch_batches(np.arange(len(texts)), lengths, batch_size, 0, 0)
    padded = sum(lengths[batch].max() * len(batch) for batch in batches)
    assert 1 - lengths.sum() / padded < 0.1
