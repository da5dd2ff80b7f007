"""How unlike a site's films are to those that a classifier was made from."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from torch import Tensor
from torch.nn.functional import normalize

from radtex.classifiers.classifier import Classifier
from radtex.statistics.auc import auc, influence
from radtex.statistics.intervals import Interval, estimate
from radtex.statistics.proportion import proportion

MOST = 1000
"""Images of a side that the source is told by, drawn by patient."""
_QUANTILES = (0.5, 0.9)
_FOLDS = 5


@dataclass(frozen=True)
class Drift:
    """Distances of a site's images, and whether the source of an image can be told."""

    refused: Interval
    """Share of the site's images that are given no answer."""
    distances: tuple[float, ...]
    """Median, and the distance that nine in ten stay below."""
    pool_distances: tuple[float, ...] | None
    """The same of the pool; None, as below, where its corpus is not at hand."""
    source_auc: Interval | None
    """AUC of a classifier that tells site from pool by the features: 0.5 where it cannot."""


def measure_drift(
    classifier: Classifier,
    site: Tensor,
    patients: NDArray[np.int64],
    pool: tuple[Tensor, NDArray[np.int64]] | None,
    seed: int = 0,
) -> Drift:
    """Measure the features of a site against those of the pool.

    Args:
        classifier: whose features they are.
        site: features (n, D) of the site's images.
        patients: of them, (n,).
        pool: features (m, D) and patients (m,) of the pool's images, where they are at hand.
        seed: of the draw and the folds.
    """
    abstention = classifier.abstention
    distances = abstention.familiarity.distance(site)
    refused = proportion(distances > abstention.limit, patients)
    of_site = tuple(np.quantile(distances, _QUANTILES).tolist())
    if pool is None:
        return Drift(refused, of_site, None, None)
    of_pool = tuple(np.quantile(abstention.familiarity.distance(pool[0]), _QUANTILES).tolist())
    return Drift(refused, of_site, of_pool, source_auc((site, patients), pool, seed))


def source_auc(
    site: tuple[Tensor, NDArray[np.int64]], pool: tuple[Tensor, NDArray[np.int64]], seed: int
) -> Interval:
    """How well a logistic regression tells whose an image is, on held-out patients.

    Args:
        site: features (n, D) and patients (n,).
        pool: the same of the other side.
        seed: of the draw and the folds.
    """
    rng = np.random.default_rng(seed)
    chosen = [_some(patients, rng) for _, patients in (site, pool)]
    rows = torch.cat([each[0][keep] for each, keep in zip((site, pool), chosen, strict=True)])
    features = normalize(rows.double()).cpu().numpy()
    features = (features - features.mean(0)) / (np.sqrt((features.std(0) ** 2).mean()) or 1.0)
    of_site = np.repeat([True, False], [len(each) for each in chosen])
    shift = int(site[1].max()) + 1
    people = np.concatenate([site[1][chosen[0]], pool[1][chosen[1]] + shift])
    _, patients = np.unique(people, return_inverse=True)
    scores = np.empty(len(features))
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=seed)
    for train, held in folds.split(features, of_site, patients):
        fitted = LogisticRegression(C=0.1, max_iter=500).fit(features[train], of_site[train])
        scores[held] = fitted.decision_function(features[held])
    area, components = auc(torch.from_numpy(scores)[:, None], of_site)
    shifts = influence(components.numpy(), of_site, patients, int(patients.max()) + 1)[:, 0]
    found = estimate(area, shifts)
    return Interval(found.mean, max(found.low, 0.0), min(found.high, 1.0))


def _some(patients: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Places of the images of as many whole patients as have MOST, or one more patient's."""
    order = rng.permutation(np.unique(patients))
    rank = np.empty(int(patients.max()) + 1, np.int64)
    rank[order] = np.arange(len(order))
    return np.sort(np.argsort(rank[patients], kind="stable")[:MOST])
