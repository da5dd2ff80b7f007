"""Whether an image is like those that a classifier was made from.

The limit is the QUANTILE of the distances (see `familiarity`) of pool images, each held out: a part
of the patients at a time is measured from the others. It is tried on images that are no
radiographs (`non_radiographs`): a limit that lets them pass says so at every prediction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radtex.classifiers.familiarity import Familiarity, fit_familiarity
from radtex.classifiers.limit import Limit

QUANTILE = 0.99
"""Share of the pool's images, each held out, that lie within the limit."""
_MANY = 1000  # images from which fewer parts are held out
_PARTS, _FEW_PARTS = 20, 5


@dataclass(frozen=True)
class Abstention(Limit):
    """The test: an image farther than `limit` is given no answer."""

    familiarity: Familiarity
    """What measures the distance."""
    limit: float
    """The greatest distance that is answered."""
    held_out: int
    """Number of distances that the limit was chosen among."""
    refused: Mapping[str, float] = field(default_factory=dict)
    """Share refused of each kind of images that are no radiographs; empty if never tried."""
    wrong_refused: Mapping[str, float] = field(default_factory=dict)
    """The same of films that are inverted or turned."""


def fit_abstention(
    features: Tensor,
    patients: NDArray[np.int64],
    rng: np.random.Generator,
    others: Mapping[str, Tensor] | None = None,
    wrong: Mapping[str, Tensor] | None = None,
) -> Abstention:
    """Learn the test from the images of a pool.

    Args:
        features: of the images, (n, D).
        patients: of the images, (n,).
        rng: deals the patients into the parts that are held out in turn.
        others: features (m, D) of images that are no radiographs, by kind.
        wrong: the same of films that are inverted or turned.
    """
    part = parts_of(patients, rng)
    distances = np.concatenate(
        [
            fit_familiarity(features[part != held]).distance(features[part == held])
            for held in range(part.max() + 1)
        ]
    )
    familiarity, limit = fit_familiarity(features), limit_among(distances)
    shares = [
        {kind: float((familiarity.distance(of) > limit).mean()) for kind, of in each.items()}
        for each in (others or {}, wrong or {})
    ]
    return Abstention(familiarity, limit, len(distances), *shares)


def parts_of(patients: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return for each image, (n,), the part in which its patient is held out."""
    people, patient = np.unique(patients, return_inverse=True)
    parts = min(_PARTS if len(patients) < _MANY else _FEW_PARTS, len(people))
    return np.asarray((rng.permutation(len(people)) % parts)[patient])


def limit_among(distances: NDArray[np.float64]) -> float:
    """Return the distance, among those of images held out, beyond which none is answered."""
    # The rank for which a new image of the same kind lies beyond with 1 − QUANTILE at most.
    rank = min(int(np.ceil((len(distances) + 1) * QUANTILE)), len(distances))
    return float(np.sort(distances)[rank - 1])
