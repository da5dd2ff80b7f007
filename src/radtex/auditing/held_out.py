"""How well features tell a label of patients that the fit has not seen."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radtex.auditing.cues import Features
from radtex.statistics.auc import auc, influence
from radtex.statistics.intervals import Estimate, estimate

FOLDS = 5
_C = 0.1
"""Inverse strength of the penalty on standardised features."""


def held_out_auc(
    features: Sequence[Features],
    positive: NDArray[np.bool_],
    patients: NDArray[np.int64],
    seed: int = 0,
) -> list[Estimate]:
    """Estimate the AUC of logistic regressions on patients held out, in five folds.

    Films are compared within their fold alone, since each fold has a fit of its own. The interval
    is over patients; it takes the fits as given.

    Args:
        features: for each regression, (n, k).
        positive: (n,), with at least `FOLDS` patients of either class.
        patients: (n,), the patient of each film, numbered from 0 without gaps.
        seed: of the folds.

    Returns:
        For each regression the AUC; p is that of its being 0.5.
    """
    fold = folds(positive, patients, seed)
    values = np.zeros(len(features))
    components = np.zeros((len(positive), len(features)))
    pairs = 0
    for held in range(FOLDS):
        scored = fold == held
        scores = np.stack([_scores(x, positive, scored) for x in features], 1)
        here, parts = auc(torch.from_numpy(scores), positive[scored])
        weight = int(positive[scored].sum()) * int((~positive[scored]).sum())
        values += weight * here
        pairs += weight
        # Centred on their fold's AUC, so that folds of unequal fits add no variance.
        components[scored] = parts.numpy() - here
    moved = influence(components, positive, patients, int(patients.max()) + 1)
    return [_around_half(v, m) for v, m in zip(values / pairs, moved.T, strict=True)]


def folds(positive: NDArray[np.bool_], patients: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Deal patients to folds, those of each class evenly.

    Returns:
        The fold of each film (n,), 0 to `FOLDS` - 1; each fold has both classes where either has
        at least `FOLDS` patients.
    """
    count = int(patients.max()) + 1
    has = np.zeros((count, 2), bool)
    has[patients[positive], 1] = True
    has[patients[~positive], 0] = True
    order = np.random.default_rng(seed).permutation(count)
    both, ill, well = (
        order[(has[order] == kind).all(1)] for kind in ([True, True], [False, True], [True, False])
    )
    fold = np.empty(count, np.int64)
    for dealt, before in ((both, 0), (ill, len(both)), (well, len(both))):
        fold[dealt] = (before + np.arange(len(dealt))) % FOLDS
    return fold[patients]


def _scores(
    x: Features, positive: NDArray[np.bool_], scored: NDArray[np.bool_]
) -> NDArray[np.float64]:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=_C, max_iter=300))
    model.fit(x[~scored], positive[~scored])
    return np.asarray(model.decision_function(x[scored]), np.float64)


def _around_half(value: float, moved: NDArray[np.float64]) -> Estimate:
    above = estimate(np.array([value - 0.5]), moved)
    low, high = (float(np.clip(end + 0.5, 0, 1)) for end in (above.low, above.high))
    return replace(above, mean=float(value), low=low, high=high)
