from dataclasses import replace

import numpy as np

from radtex.corpus.readings.random_order import chosen_to_teach, places


def test_the_order_is_that_of_the_ids_alone_and_uniform() -> None:
    ids = [f"here:p{n}" for n in range(2000)]
    order = places(ids, ids)
    np.testing.assert_array_equal(order[:5], places(ids[:5], ids[:5]))
    counts, _ = np.histogram(order / 2**64, bins=10, range=(0, 1))
    assert counts.min() > 150


def test_what_chance_would_have_chosen_anyway_is_a_random_sample(corpus) -> None:
    """Of a split, all up to the last that was chosen at random; the other split has none."""
    rows = np.arange(len(corpus.index))
    order = places(corpus.patients.tolist(), corpus.index["study_id"].tolist())
    pool = np.flatnonzero(corpus.index["split"] == "pool")
    ranked = pool[np.argsort(order[pool])]
    how = np.full(len(rows), "", object)
    how[ranked[[2, 50]]] = "random"
    how[ranked[[10, 20, 90]]] = "uncertainty"
    how[corpus.rows("test")[0]] = "diversity"
    changed = replace(corpus, index=corpus.index.assign(chosen_by=how))
    expected = {int(ranked[90]), int(corpus.rows("test")[0])}
    assert set(np.flatnonzero(chosen_to_teach(changed, rows))) == expected
    assert not chosen_to_teach(corpus, rows).any()
