import numpy as np

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


def test_it_is_the_largest_of_studies_classes_and_patients():
    labels = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    own = range(10)
    assert share(labels, own, [0, 2, 3])[0, 0] == 1 / 2
    assert share(labels, own, [2, 3, 4])[0, 0] == 3 / 8
    assert share([0, 1] * 5, own, [0, 1, 2, 3])[0, 0] == 4 / 10
    assert share([0, 1] * 5, [0, 0, 1, 1, 2, 2, 2, 2, 2, 2], [0, 2])[0, 0] == 2 / 3


def test_only_definite_labels_count_and_repeats_are_averaged():
    labels = [1, 0, 1, 0, np.nan, np.nan, np.nan]
    assert share(labels, range(7), [0, 1], [0, 1, 2])[0, 0] == (1 / 2 + 1) / 2
