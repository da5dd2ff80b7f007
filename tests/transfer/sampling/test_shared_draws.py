from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.errors import ProtocolError
from radtex.transfer.sampling.draws import FLOOR
from radtex.transfer.sampling.shared_draws import draw_shared

BUDGETS = (40, 80, 150)
NAMES = ("Edema", "Effusion", "Mass")


def labels_of(seed, rates=(0.4, 0.2, 0.06), blank=0.2, count=400):
    rng = np.random.default_rng(seed)
    labels = (rng.random((count, len(rates))) < rates).astype(np.float32)
    labels[rng.random(labels.shape) < blank] = np.nan
    return labels


def sets_of(labels, repeats=2, seed=0, budgets=BUDGETS):
    """The draws, and of each repeat and budget the union of its targets' studies."""
    draws = draw_shared(NAMES, labels, np.arange(len(labels)), budgets, repeats, seed)
    return draws, {
        (repeat, budget): set(
            np.concatenate([d.studies for d in draws if (d.repeat, d.budget) == (repeat, budget)])
        )
        for repeat in range(repeats)
        for budget in budgets
    }


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000))
def test_one_set_serves_all_targets_is_nested_and_holds_the_floors(seed):
    labels = labels_of(seed)
    draws, sets = sets_of(labels, seed=seed)
    for (repeat, budget), studies in sets.items():
        assert len(studies) == budget
        own = [d for d in draws if (d.repeat, d.budget) == (repeat, budget)]
        assert [d.target for d in own] == [0, 1, 2]
        for d in own:
            definite = {study for study in studies if not np.isnan(labels[study, d.target])}
            assert set(d.studies) == definite
            assert np.array_equal(d.positive, labels[d.studies, d.target] == 1)
            assert min(d.positive.sum(), (~d.positive).sum()) >= FLOOR
    for repeat in range(2):
        assert sets[repeat, 40] < sets[repeat, 80] < sets[repeat, 150]


def test_draws_come_by_target_repeat_and_budget():
    draws, _ = sets_of(labels_of(0))
    keys = [(d.target, d.repeat, d.budget) for d in draws]
    assert keys == sorted(keys)


@pytest.mark.parametrize("seed", range(5))
def test_unforced_draws_are_what_would_have_been_drawn_anyway(seed):
    labels = labels_of(seed)
    draws, sets = sets_of(labels, seed=seed)
    stream = int.from_bytes(sha256(b"\0shared").digest()[:8], "big")
    studies = np.flatnonzero(~np.isnan(labels).all(1))
    assert any(d.forced for d in draws)
    for d in draws:
        natural = np.random.default_rng([seed, stream, d.repeat]).permutation(studies)[: d.budget]
        assert d.forced == (set(natural) != sets[d.repeat, d.budget])


def test_patients_stay_in_one_fold():
    labels = labels_of(3)
    patients = np.arange(len(labels)) // 4
    for d in draw_shared(NAMES, labels, patients, (150,), 2, 0):
        for patient in set(patients[d.studies]):
            assert len(set(d.folds[patients[d.studies] == patient])) == 1


def test_a_set_too_small_for_all_floors_is_refused():
    exclusive = np.zeros((300, 3), np.float32)
    exclusive[np.arange(300), np.arange(300) % 3] = 1
    draws, _ = sets_of(exclusive, budgets=(15,))
    assert all(d.positive.sum() == FLOOR for d in draws)
    with pytest.raises(ProtocolError, match=r"one set of 14 studies cannot hold 5 of each class"):
        sets_of(exclusive, budgets=(14,))
