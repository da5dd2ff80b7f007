import numpy as np
import pytest

from radtex.transfer.measures.misses import WORST, Standing, mean_standing, worst_misses


def test_the_positives_that_most_negatives_outrank_are_named_over_all_targets():
    rng = np.random.default_rng(0)
    labels = (rng.random((60, 2)) < 0.4).astype(np.float32)
    labels[5, 0] = np.nan
    standings = []
    for column in range(2):
        definite = np.flatnonzero(~np.isnan(labels[:, column]))
        standings.append(Standing(rng.random(len(definite)), rng.random(len(definite))))
    found = worst_misses(["A", "B"], labels, standings)
    every = []
    for column, name in enumerate("AB"):
        definite = np.flatnonzero(~np.isnan(labels[:, column]))
        for place, study in enumerate(definite):
            if labels[study, column] == 1:
                standing = standings[column]
                every.append((standing.outranked[place], name, study, standing.probability[place]))
    expected = sorted(every, reverse=True)[:WORST]
    assert [(m.outranked, m.target, m.study, m.probability) for m in found] == expected


def test_equals_come_in_the_order_of_targets_and_studies():
    labels = np.ones((4, 2), np.float32)
    found = worst_misses(["A", "B"], labels, [Standing(np.ones(4), None)] * 2)
    assert [(miss.target, miss.study) for miss in found] == [
        *(("A", study) for study in range(4)),
        *(("B", study) for study in range(4)),
    ]
    assert found[0].probability is None


def test_standings_of_seeds_are_averaged():
    one, other = (Standing(np.full(3, value), np.full(3, value / 2)) for value in (0.2, 0.6))
    found = mean_standing([one, other])
    assert found.outranked == pytest.approx(np.full(3, 0.4))
    assert found.probability == pytest.approx(np.full(3, 0.2))
    assert mean_standing([Standing(np.ones(3), None)]).probability is None
