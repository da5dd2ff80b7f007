import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from radtex.transfer.sampling.folds import FOLDS, every_fold_trains, grouped_folds

studies = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=10, max_size=120)


def folds_of(pairs, seed=0):
    patients = np.array([patient for patient, _ in pairs])
    positive = np.array([side for _, side in pairs])
    return grouped_folds(positive, patients, np.random.default_rng(seed)), patients, positive


@given(studies)
def test_a_patient_is_in_one_fold(pairs):
    folds, patients, _ = folds_of(pairs)
    assert all(len(set(folds[patients == patient])) == 1 for patient in patients)
    assert set(folds) <= set(range(FOLDS))


@given(st.lists(st.booleans(), min_size=10, max_size=200))
def test_one_study_per_patient_gives_each_fold_its_share_of_each_class(sides):
    folds, _, positive = folds_of(list(enumerate(sides)))
    for side in (True, False):
        held = np.bincount(folds[positive == side], minlength=FOLDS)
        assert held.max() - held.min() <= 1


@given(studies)
def test_every_fold_trains_is_what_a_loop_over_the_folds_finds(pairs):
    folds, _, positive = folds_of(pairs)
    expected = all(len(set(positive[folds != fold])) == 2 for fold in range(FOLDS))
    assert every_fold_trains(positive, folds) == expected


@given(studies)
def test_classes_that_come_from_two_patients_can_always_be_cross_validated(pairs):
    pure = [(patient, patient % 2 == 0) for patient, _ in pairs]
    folds, patients, positive = folds_of(pure)
    if all(len(set(patients[positive == side])) >= 2 for side in (True, False)):
        assert every_fold_trains(positive, folds)


def test_the_seed_decides():
    pairs = [(number, number % 3 == 0) for number in range(60)]
    first, again, other = (folds_of(pairs, seed)[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
