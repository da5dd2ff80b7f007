"""Every row is dealt once, in an order that seed and epoch decide."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from radtex.pretraining.data.batches import epoch_batches, micro_batches, steps_per_epoch


@given(st.integers(1, 400), st.integers(1, 40), st.integers(0, 5), st.integers(0, 5))
def test_an_epoch_deals_every_row_once(n: int, batch: int, seed: int, epoch: int) -> None:
    rows = np.arange(n) * 3
    batches = epoch_batches(rows, batch, seed, epoch)
    assert len(batches) == steps_per_epoch(n, batch)
    assert sorted(np.concatenate(batches).tolist()) == rows.tolist()
    assert max(map(len, batches)) <= batch


def test_order_is_a_function_of_seed_and_epoch() -> None:
    rows = np.arange(300)

    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(epoch_batches(rows, 16, seed, epoch)).tolist()

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3)
    assert order(1, 2) != order(2, 2)


@given(st.integers(0, 50), st.sampled_from([1, 2, 4, 8]))
def test_micro_batches_are_a_partition(n: int, parts: int) -> None:
    batch = np.random.default_rng(n).permutation(n)
    pieces = micro_batches(batch, parts)
    assert len(pieces) == parts
    assert sorted(np.concatenate(pieces).tolist()) == sorted(batch.tolist())
    assert max(map(len, pieces)) - min(map(len, pieces)) <= 1
