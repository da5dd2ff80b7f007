"""Labelled studies as they come, apart from those that `radtex next` chose for what they teach.

The latter are hard cases, with more or fewer positives than films as they come. A probe may learn
from them; probabilities, thresholds and scores that are to hold for other films may not.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from radtex.transfer.sampling.draws import FLOOR, Draw
from radtex.transfer.sampling.studies import Studies


def as_they_come(draw: Draw, proposed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which studies of a draw may calibrate.

    Args:
        draw: n studies of a pool.
        proposed: `Studies.proposed` of the pool.

    Returns:
        (n,); all of them where nothing was chosen.
    """
    if not len(proposed):
        return np.ones(len(draw.studies), bool)
    return np.asarray(~proposed[draw.studies])


def lacks_a_class(positive: NDArray[np.bool_]) -> str:
    """Say which class has fewer than FLOOR studies; "" where none has.

    Args:
        positive: the labels of some studies.
    """
    for side, called in ((True, "positive"), (False, "negative")):
        count = int((positive == side).sum())
        if count < FLOOR and len(positive):
            return f"{count} are {called} and {FLOOR} are needed"
    return "" if len(positive) else "none is left"


def only_as_they_come(test: Studies) -> Studies:
    """Return a test whose labels are those of studies as they come; others are not definite."""
    if not len(test.proposed):
        return test
    labels = np.where(test.proposed[:, None], np.float32(np.nan), test.labels)
    return replace(test, labels=labels)


def sentences_on_choices(pool: Studies, test: Studies) -> list[str]:
    """Say what a reader must know of labels that were not chosen by chance."""
    sentences = []
    if len(pool.proposed):
        labelled = pool.proposed & ~np.isnan(pool.labels).all(1)
        sentences.append(
            f"{int(labelled.sum())} labelled studies of the pool were chosen by `radtex next` for "
            "what they teach. Probes learn from them. A kept classifier's probabilities and "
            "thresholds are fitted to the others alone; the curve of AUC over labels is that of "
            "such a pool, not of labels drawn at random."
        )
    if len(test.proposed):
        sentences.append(
            f"{int(test.proposed.sum())} studies of the test were not chosen by chance, and are "
            "left out of it."
        )
    return sentences
