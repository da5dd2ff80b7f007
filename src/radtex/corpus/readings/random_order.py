"""A fixed random order of studies, so that it can be told later which labels are a random sample.

`radtex next` takes its random share by this order: the next studies in it that have no label. So
the studies up to the last one that was chosen at random are a random sample as a whole, and that
includes those among them that had been chosen for what they teach, which come up in any sample.
The order follows from the ids alone.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.corpus.readings.apply import CHOSEN_BY, RANDOM

_PURPOSE = b"random order of studies\0"


def places(patients: Sequence[str], studies: Sequence[str]) -> NDArray[np.uint64]:
    """Return numbers by which studies are sorted into the random order.

    Args:
        patients: (n,), "namespace:patient_id" of each study.
        studies: (n,), its study id.

    Returns:
        (n,), uniform over all 64-bit numbers.
    """
    ids = (f"{patient}\0{study}" for patient, study in zip(patients, studies, strict=True))
    digests = (hashlib.sha256(_PURPOSE + each.encode()).digest() for each in ids)
    return np.array([int.from_bytes(digest[:8], "big") for digest in digests], np.uint64)


def chosen_to_teach(corpus: Corpus, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which images `radtex next` chose for what they teach, and chance would not have.

    Args:
        corpus: the corpus.
        rows: n of its images.

    Returns:
        (n,). Images whose labels came otherwise, at random or nobody knows how, are none of them.
    """
    if CHOSEN_BY not in corpus.index.columns:
        return np.zeros(len(rows), bool)
    index = corpus.index.iloc[rows]
    chosen = index[CHOSEN_BY].to_numpy(object)
    marked: NDArray[np.bool_] = np.array([how not in ("", RANDOM) for how in chosen], bool)
    if not marked.any():
        return marked
    order = places(corpus.patients[rows].tolist(), index["study_id"].tolist())
    splits = index["split"].to_numpy(object)
    for split in np.unique(splits[marked]):
        at_random = order[(chosen == RANDOM) & (splits == split)]
        if len(at_random):
            marked &= (splits != split) | (order > at_random.max())
    return marked
