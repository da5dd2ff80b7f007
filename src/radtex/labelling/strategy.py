"""Which films teach most: spread out while nothing is known, then those the heads are unsure of.

The numbers that say how good this is, and where it is worse than chance, stand in docs/labels.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from radtex.labelling.neighbourhoods import groups

SHORTLIST = 4
"""Films among which each film of a batch is chosen."""
UNSURE = 0.5
"""Share of the films that are chosen because heads are unsure of them, where there are heads. All
of them, or doubts weighted by how crowded a film's place is, did no better: see docs/labels.md."""

DIVERSITY, UNCERTAINTY, DISAGREEMENT = "diversity", "uncertainty", "disagreement"
"""Why a film was chosen, other than at random."""


@dataclass(frozen=True)
class Films:
    """n films among which some are to be chosen; each is a study."""

    points: NDArray[np.float32]
    """(n, d): where they lie, see `neighbourhoods.reduced`."""
    patients: NDArray[np.int64]
    """(n,): tells patients apart."""
    labelled: NDArray[np.bool_]
    """(n,): whether they need no label any more."""

    avoided: NDArray[np.bool_] | None = None
    """(n,): whether their patients have a film in the batch already."""

    def free(self, taken: Sequence[int] = ()) -> NDArray[np.int64]:
        """Return the films that may be chosen: of patients who have no film in the batch.

        Where every patient has one, any film without a label.

        Args:
            taken: films that are in the batch.
        """
        left = ~self.labelled
        left[list(taken)] = False
        others = left & ~np.isin(self.patients, self.patients[list(taken)])
        if self.avoided is not None:
            others &= ~self.avoided
        return np.flatnonzero(others if others.any() else left)

    def without(self, taken: Sequence[int]) -> "Films":
        """Return the same films, of which some are in the batch and need no label any more."""
        labelled = self.labelled.copy()
        labelled[list(taken)] = True
        avoided = np.isin(self.patients, self.patients[list(taken)])
        if self.avoided is not None:
            avoided |= self.avoided
        return replace(self, labelled=labelled, avoided=avoided)


def spread_out(films: Films, count: int, seed: int) -> list[int]:
    """Choose films that stand for all others: the middle of each of many groups.

    Groups that hold a labelled film come last, and of the others the largest first.

    Args:
        films: the films.
        count: how many are wanted; fewer are chosen where fewer are free.
        seed: of the groups.
    """
    known = min(int(films.labelled.sum()), len(films.points) // 2)
    group = groups(films.points, count + known, seed)
    sizes = np.bincount(group)
    covered = np.zeros(len(sizes), bool)
    covered[group[films.labelled]] = True
    order = np.lexsort((-sizes, covered))
    crowded = _typical_of_group(films.points, group)
    chosen: list[int] = []
    while len(chosen) < count and len(films.free(chosen)):
        for number in order:
            free = films.free(chosen)
            inside = free[group[free] == number]
            if len(inside) and len(chosen) < count:
                chosen.append(int(inside[crowded[inside].argmax()]))
    return chosen


def unsure(
    films: Films,
    probabilities: NDArray[np.float64],
    count: int,
    seed: int,
    reported: NDArray[np.float32] | None = None,
) -> tuple[list[int], list[str]]:
    """Choose films that the heads are unsure of, or that their reports contradict, all different.

    Args:
        films: the films.
        probabilities: (n, t), of t targets; NaN for a target whose head is not known yet.
        count: how many are wanted; fewer are chosen where fewer are free.
        seed: of the groups.
        reported: (n, t), what the films' reports say: 1, 0, or NaN where they say nothing.

    Returns:
        The films; and why each was chosen.
    """
    doubt = entropy(probabilities)
    against = np.zeros_like(doubt)
    if reported is not None:
        against = np.nan_to_num(np.abs(reported - probabilities))
    usual = np.maximum(np.nanmean(doubt, axis=0), 1e-6)
    parts = np.nan_to_num(doubt / usual), np.nan_to_num(against / usual)
    value = np.maximum(*parts).mean(1)
    free = films.free()
    best = free[np.argsort(-value[free], kind="stable")[: SHORTLIST * count]]
    group = groups(films.points[best], count, seed, value[best].astype(np.float32))
    chosen: list[int] = []
    for number in np.unique(group):
        inside = np.intersect1d(best[group == number], films.free(chosen))
        if len(inside) and len(chosen) < count:
            chosen.append(int(inside[value[inside].argmax()]))
    while len(chosen) < count and len(left := films.free(chosen)):
        chosen.append(int(left[value[left].argmax()]))
    contradicted = parts[1].mean(1) > parts[0].mean(1)
    return chosen, [DISAGREEMENT if contradicted[film] else UNCERTAINTY for film in chosen]


def entropy(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the entropy of probabilities in bits, of the same shape; NaN stays."""
    p = np.clip(probabilities, 1e-12, 1 - 1e-12)
    return np.asarray(-(p * np.log2(p) + (1 - p) * np.log2(1 - p)))


def _typical_of_group(points: NDArray[np.float32], group: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return how near each film is to the middle of its group: (n,)."""
    count = int(group.max()) + 1
    middle = np.zeros((count, points.shape[1]))
    np.add.at(middle, group, points)
    middle /= np.maximum(np.bincount(group, minlength=count), 1)[:, None]
    return np.asarray(-np.linalg.norm(points - middle[group], axis=1), np.float32)


def choose(
    films: Films,
    probabilities: NDArray[np.float64],
    count: int,
    random_share: float,
    seed: int,
    reported: NDArray[np.float32] | None = None,
) -> tuple[list[int], list[str]]:
    """Choose films as `radtex next` does; the random share is drawn by the seed.

    Args:
        films: the films.
        probabilities: (n, t), of t targets; NaN for a target without a head.
        count: how many are wanted; fewer are chosen where fewer are free.
        random_share: how many of them are drawn at random, 0 to 1.
        seed: of the draws and groups.
        reported: see `unsure`.

    Returns:
        The films, those at random first; and why each was chosen.
    """
    left = np.random.default_rng([seed, int(films.labelled.sum())]).permutation(films.free())
    at_random = left[: round(random_share * count)].tolist()
    more, why = to_teach(
        films.without(at_random), probabilities, count - len(at_random), seed, reported
    )
    return [*at_random, *more], [*["random"] * len(at_random), *why]


def to_teach(
    films: Films,
    probabilities: NDArray[np.float64],
    count: int,
    seed: int,
    reported: NDArray[np.float32] | None = None,
) -> tuple[list[int], list[str]]:
    """Choose films by `spread_out`, and as soon as there is a head `UNSURE` of them by `unsure`."""
    known = ~np.isnan(probabilities).all(0)
    if count < 1:
        return [], []
    if not known.any():
        chosen = spread_out(films, count, seed)
        return chosen, [DIVERSITY] * len(chosen)
    own = None if reported is None else reported[:, known]
    half = round(UNSURE * count)
    chosen, why = unsure(films, probabilities[:, known], half, seed, own) if half else ([], [])
    others = spread_out(films.without(chosen), count - half, seed) if half < count else []
    return [*chosen, *others], [*why, *[DIVERSITY] * len(others)]
