"""Label efficiency: how many labels a rival needs to reach what RadTex reaches with N.

The rival's curve is its mean AUC at the measured budgets, made monotone (isotonic regression), and
linear in the logarithm of the budget between them. At n labels it differs from RadTex at N by a
weighted sum of measured means, whose repeats and patients' influences are the same weighted sums
of theirs; so `statistics.crossed` gives that difference the interval of any other paired one. The
point estimate is the n where the difference is 0, and the interval is all n where 0 lies within
its 95 % interval (Fieller 1954, J. R. Stat. Soc. B 16:175): no replicates are drawn, and its
coverage is that of the differences.

What a prior reaches without labels is such a goal too: a score of the same test patients, which no
draw changes. On a rival's curve it is no place, since 0 has no logarithm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.statistics.crossed import Crossed, crossed_estimates
from radtex.transfer.contestants.contestant import Contestant, of_the_same_runs
from radtex.transfer.measures.scores import Scores
from radtex.transfer.sampling.experiment import Experiment

_SAME = 1e-9  # logarithms of one budget differ by less
_GRID = 96  # steps from the smallest budget to the largest, equal in the logarithm


@dataclass(frozen=True)
class LabelsNeeded:
    """How many labels a curve needs to reach a value."""

    labels: float | None
    """The estimate; None where it lies outside of the measured budgets."""
    low: float | None
    """Lower end of the 95 % interval; None: it goes on below the smallest budget."""
    high: float | None
    """Upper end of the 95 % interval; None: it goes on above the largest budget."""
    reaches: bool
    """Whether the largest budget reaches the value; tells on which side a None estimate lies."""


@dataclass(frozen=True)
class LabelEfficiency:
    """What `rival` needs to reach the mean AUC of `encoder` at `budget`."""

    encoder: str
    """The RadTex contestant, by name."""
    rival: str
    """The contestant that is to reach it, by name."""
    budget: int
    """Labelled studies per target of the RadTex contestant; 0 for its prior alone."""
    needed: LabelsNeeded
    """Labels per target of the rival."""


def label_efficiency(
    contestants: Sequence[Contestant], experiment: Experiment, scores: Mapping[str, Scores]
) -> tuple[LabelEfficiency, ...]:
    """Compare each RadTex contestant, at each budget, with every contestant that is none."""
    budgets = experiment.budgets
    curves = {name: score.crossed(experiment) for name, score in scores.items()}
    found = []
    for ours in (each for each in contestants if each.role == "radtex"):
        alone = scores[ours.name].crossed_without_labels()
        goals = [] if alone is None else [(0, _in_each_draw(alone, curves[ours.name]), 0)]
        goals += [(budget, curves[ours.name], place) for place, budget in enumerate(budgets)]
        for rival in (each for each in contestants if each.role != "radtex"):
            same_seeds = of_the_same_runs(ours, rival)
            for budget, goal, place in goals:
                needed = labels_needed(
                    budgets, curves[rival.name], goal, place, same_seeds=same_seeds
                )
                found.append(LabelEfficiency(ours.name, rival.name, budget, needed))
    return tuple(found)


def _in_each_draw(alone: Crossed, like: Crossed) -> Crossed:
    """What no draw changes, as a curve of the same value at every budget and in every draw."""
    return Crossed(
        np.broadcast_to(alone.repeats, like.repeats.shape),
        np.broadcast_to(alone.influence, like.influence.shape),
    )


def labels_needed(
    budgets: Sequence[int],
    rival: Crossed,
    ours: Crossed,
    place: int,
    *,
    same_seeds: bool = False,
) -> LabelsNeeded:
    """Find where a curve reaches a point of another, both on the same draws and patients.

    Args:
        budgets: (B,), ascending.
        rival: the curve at the budgets.
        ours: the other curve at the budgets.
        place: of the budget at which the other is to be reached.
        same_seeds: whether both are of the same pretraining seeds' runs, one by one.
    """
    pooling = _isotonic(rival.repeats.mean((0, 1)))
    goal = np.eye(len(budgets))[place]
    means = pooling @ rival.repeats.mean((0, 1)) - goal @ ours.repeats.mean((0, 1))
    knots = np.log(np.asarray(budgets, np.float64))
    places = np.unique(np.concatenate([knots, np.linspace(knots[0], knots[-1], _GRID + 1)]))
    weights = np.stack([np.interp(places, knots, each) for each in np.eye(len(knots))], 1)
    goals = np.tile(goal, (len(places), 1))
    differences = crossed_estimates(
        rival.weighted(weights @ pooling).minus(ours.weighted(goals), same_seeds=same_seeds)
    )
    low = np.array([each.low for each in differences])
    high = np.array([each.high for each in differences])
    begins_before, ends_beyond = high[0] >= 0, low[-1] <= 0
    return LabelsNeeded(
        labels=_labels(_crossing(knots, means), budgets) if means[0] <= 0 <= means[-1] else None,
        low=None if begins_before else _labels(_crossing(places, high), budgets),
        high=None if ends_beyond else _labels(_crossing(-places[::-1], -low[::-1]), budgets),
        reaches=bool(means[-1] >= 0),
    )


def _isotonic(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix (B, B) that averages neighbours until the means do not fall (pool adjacent)."""
    blocks: list[list[int]] = []
    for place in range(len(means)):
        blocks.append([place])
        while len(blocks) > 1 and means[blocks[-2]].mean() > means[blocks[-1]].mean():
            last = blocks.pop()
            blocks[-1] += last
    pooling = np.zeros((len(means), len(means)))
    for block in blocks:
        pooling[np.ix_(block, block)] = 1 / len(block)
    return pooling


def _crossing(places: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """The place where `values` first reach 0 from below; the end where they do not.

    `places` ascend; where they are negative logarithms, the search goes from the largest down.
    """
    reached = np.flatnonzero(values >= 0)
    if not len(reached):
        place = float(places[-1])
    elif reached[0] == 0:
        place = float(places[0])
    else:
        after = int(reached[0])
        share = -values[after - 1] / (values[after] - values[after - 1])
        place = float(places[after - 1] + share * (places[after] - places[after - 1]))
    return place


def _labels(place: float, budgets: Sequence[int]) -> float:
    """The number of labels at a logarithm, or at its negative; a budget where it is that of one.

    exp(log 500) is less than 500, and would be told apart from it.
    """
    for budget in budgets:
        if abs(abs(place) - np.log(budget)) < _SAME:
            return float(budget)
    return float(np.exp(abs(place)))
