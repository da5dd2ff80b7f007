from hashlib import sha256

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from radtex.transfer.sampling.draws import FLOOR, draw

BUDGETS = (10, 20, 40)


def labels_of(positives, negatives, unknown=0, seed=0):
    labels = np.array([1.0] * positives + [0.0] * negatives + [np.nan] * unknown, np.float32)
    return np.random.default_rng(seed).permutation(labels)


def draws_of(labels, repeats=4, seed=0, name="Edema", budgets=BUDGETS):
    return draw(0, name, labels, np.arange(len(labels)), budgets, repeats, seed)


@given(st.integers(5, 60), st.integers(40, 200), st.integers(0, 30), st.integers(0, 1000))
def test_draws_are_nested_definite_and_hold_the_floor(positives, negatives, unknown, seed):
    labels = labels_of(positives, negatives, unknown)
    draws = draws_of(labels, seed=seed)
    for repeat in range(4):
        subsets = [each.studies for each in draws if each.repeat == repeat]
        for budget, subset in zip(BUDGETS, subsets, strict=True):
            assert len(set(subset)) == budget
            assert not np.isnan(labels[subset]).any()
            assert min((labels[subset] == 1).sum(), (labels[subset] == 0).sum()) >= FLOOR
        assert set(subsets[0]) < set(subsets[1]) < set(subsets[2])


@given(st.integers(5, 40), st.integers(0, 200))
def test_forced_marks_the_draws_that_the_floor_changed(positives, seed):
    labels = labels_of(positives, 160)
    definite = np.flatnonzero(~np.isnan(labels))
    for each in draws_of(labels, repeats=3, seed=seed):
        stream = draw_stream("Edema")
        natural = np.random.default_rng([seed, stream, each.repeat]).permutation(definite)
        assert each.forced == (set(natural[: each.budget]) != set(each.studies))


def draw_stream(name):
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big")


def test_draws_have_the_prevalence_of_the_pool():
    labels = labels_of(300, 700)
    draws = draws_of(labels, repeats=200, budgets=(100,))
    rate = np.mean([each.positive.mean() for each in draws])
    assert abs(rate - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 100 / 200)


def test_a_draw_depends_on_seed_name_and_repeat_alone():
    labels = labels_of(50, 100)
    few, many = draws_of(labels, repeats=1), draws_of(labels, repeats=3)
    assert all((a.studies == b.studies).all() for a, b in zip(few, many, strict=False))
    wider = draws_of(labels, repeats=1, budgets=(*BUDGETS, 80))
    assert all((a.studies == b.studies).all() for a, b in zip(few, wider, strict=False))
    for other in (draws_of(labels, seed=1), draws_of(labels, name="Effusion"), many[3:]):
        assert set(other[2].studies) != set(few[2].studies)


def test_folds_keep_patients_whole():
    labels = labels_of(60, 60)
    patients = np.arange(120) // 4
    for each in draw(0, "Edema", labels, patients, (60,), 3, 0):
        for patient in set(patients[each.studies]):
            assert len(set(each.folds[patients[each.studies] == patient])) == 1


def test_balanced_draws_hold_half_of_each_class_and_are_nested():
    labels = labels_of(30, 200, 20)
    draws = draw(0, "Edema", labels, np.arange(len(labels)), (11, 20, 60), 3, 0, "balanced")
    for each in draws:
        assert len(set(each.studies)) == each.budget
        assert each.positive.sum() == (each.budget + 1) // 2
        assert np.array_equal(each.positive, labels[each.studies] == 1)
        assert not each.forced
    for small, middle, large in zip(draws[::3], draws[1::3], draws[2::3], strict=True):
        assert set(small.studies) < set(middle.studies) < set(large.studies)
