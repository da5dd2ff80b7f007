import numpy as np
import pytest

from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.pool_share import pool_share
from radtex.transfer.sampling.studies import Studies


def drawn(labels, studies, repeat=0):
    chosen = np.array(studies)
    folds = np.zeros(len(chosen), np.int64)
    return Draw(0, repeat, len(chosen), chosen, labels[chosen, 0] == 1, folds, False)


def share(labels, patients, *draws):
    labels = np.asarray(labels, np.float32)[:, None]
    pool = Studies(labels, np.asarray(patients), np.arange(len(labels)))
    made = [drawn(labels, each, repeat) for repeat, each in enumerate(draws)]
    return pool_share(pool, made, (1, len(made), 1))


def test_it_is_the_largest_of_studies_and_of_both_classes():
    labels = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    own = range(10)
    assert share(labels, own, [0, 2, 3])[0, 0] == 1 / 2
    assert share(labels, own, [2, 3, 4])[0, 0] == 3 / 8
    assert share([0, 1] * 5, own, [0, 1, 2, 3])[0, 0] == 4 / 10
    assert share(labels, own, range(10))[0, 0] == 1


def test_only_definite_labels_count_and_repeats_are_averaged():
    labels = [1, 0, 1, 0, np.nan, np.nan, np.nan]
    assert share(labels, range(7), [0, 1], [0, 1, 2])[0, 0] == (1 / 2 + 1) / 2


def test_draws_of_patients_with_several_studies_are_as_alike_as_their_sums():
    """Sums over studies that are equal within a patient: their correlation, by many draws."""
    patients = np.repeat(np.arange(40), [1] * 20 + [2] * 10 + [6] * 10)
    rng = np.random.default_rng(0)
    sums = []
    for _ in range(20_000):
        of_patient = rng.normal(size=40)
        sums.append([of_patient[patients[rng.permutation(100)[:30]]].sum() for _ in range(2)])
    found = np.corrcoef(np.array(sums).T)[0, 1]
    labels = np.ones(100)
    labels[-1] = 0  # one negative, which is not drawn
    assert share(labels, patients, range(30))[0, 0] == pytest.approx(found, abs=0.03)


def test_a_patient_who_holds_the_pool_is_in_every_draw():
    crowded = share([0, 1] * 50, [0] * 90 + [*range(1, 11)], range(20))[0, 0]
    assert 0.9 < crowded < 1
