"""A head for each target on the labels there are, as `radtex transfer` fits it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radtex.transfer.protocols.probes import Probes, fit_probes
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.folds import grouped_folds


def heads_of(
    features: Tensor,
    labels: NDArray[np.float32],
    patients: NDArray[np.int64],
    labelled: NDArray[np.bool_],
    least: int = 1,
) -> list[Probes | None]:
    """Fit a head to each target.

    Args:
        features: (n, D), of n studies.
        labels: (n, t): 1, 0, or NaN where not definite.
        patients: (n,), tells patients apart.
        labelled: (n,), the studies that may be learnt from.
        least: studies of each class below which a target has no head.

    Returns:
        Of each target one probe, or None.
    """
    heads: list[Probes | None] = []
    for column, own in enumerate(labels.T):
        studies = np.flatnonzero(labelled & ~np.isnan(own))
        positive = own[studies] == 1
        if min(positive.sum(), (~positive).sum()) < least:
            heads.append(None)
            continue
        rng = np.random.default_rng([column, len(studies)])
        folds = grouped_folds(positive, patients[studies], rng)
        draw = Draw(column, 0, len(studies), studies, positive, folds, False)
        heads.append(fit_probes(features, [draw], f"head {column + 1}"))
    return heads


def logits_of(heads: Sequence[Probes | None], features: Tensor) -> NDArray[np.float64]:
    """Return the logits of studies, (n, t); NaN of a target without a head."""
    found = np.full((len(features), len(heads)), np.nan)
    for column, head in enumerate(heads):
        if head is not None:
            found[:, column] = (features @ head.weights[0] + head.intercepts[0]).cpu().numpy()
    return found
