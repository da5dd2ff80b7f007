"""Which studies are labelled: nested random draws with a floor per class."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.transfer.design import Prevalence, Sampling
from radtex.transfer.sampling.folds import FOLDS, grouped_folds

FLOOR = FOLDS
"""Studies of each class in every draw, so that each fold can hold one of each."""


@dataclass(frozen=True)
class Draw:
    """The labelled subset of one target, repeat and budget; the same for every encoder.

    It has n studies: `budget` of them where each target has its own draws; where all share one,
    those of the `budget` studies whose label is definite for this target.
    """

    target: int
    """Place of the target in the experiment's."""
    repeat: int
    """Number of the repeat, from 0."""
    budget: int
    """Labelled studies that were asked for."""
    studies: NDArray[np.int64]
    """(n,): positions in the pool's studies."""
    positive: NDArray[np.bool_]
    """(n,): whether their label is positive."""
    folds: NDArray[np.int64]
    """(n,): the cross-validation fold of each study."""
    forced: bool
    """Whether studies were exchanged to reach FLOOR of each class."""


def what_a_budget_is(sampling: Sampling, prevalence: Prevalence) -> str:
    """Say in a sentence what N labelled studies means."""
    if sampling == "shared":
        drawn = (
            "A budget of N is one set of N studies for all targets together: of each target, the "
            "definite labels among them, which are fewer where labels are blank or uncertain"
        )
    else:
        drawn = (
            "A budget of N is N studies with a definite label for each target, drawn for it alone"
        )
    classes = (
        "half of them of each class"
        if prevalence == "balanced"
        else f"at the pool's prevalence, but at least {FLOOR} of each class"
    )
    return (
        f"{drawn}; {classes}. Studies are drawn, not images, and every encoder gets the same ones."
    )


def draw(
    target: int,
    name: str,
    labels: NDArray[np.float32],
    patients: NDArray[np.int64],
    budgets: Sequence[int],
    repeats: int,
    seed: int,
    prevalence: Prevalence = "natural",
) -> list[Draw]:
    """Draw nested subsets of a target at every budget.

    The order of a repeat depends on the seed, the target's name and the repeat alone, and each
    budget takes its beginning. Where it is balanced, the order takes turns between the classes; of
    an odd budget one more is positive.

    Args:
        target: place of the target, for `Draw.target`.
        name: of the target; the randomness depends on it.
        labels: (n,), 1, 0 or NaN, of the pool's studies.
        patients: (n,), tells their patients apart.
        budgets: ascending, from twice FLOOR or more.
        repeats: subsets at each budget.
        seed: of the draws.
        prevalence: whether the classes come as they do in the pool, or half and half.

    Returns:
        The draws by repeat and budget.
    """
    stream = stream_of(name)
    definite = np.flatnonzero(~np.isnan(labels))
    draws = []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, stream, repeat])
        order, reach = rng.permutation(definite), 0
        if prevalence == "balanced":
            order = _in_turns(order, labels == 1)
        else:
            order, reach = _with_floor(order, labels == 1, budgets[0])
        for budget in budgets:
            studies = order[:budget]
            positive = labels[studies] == 1
            folds = grouped_folds(
                positive, patients[studies], np.random.default_rng([seed, stream, repeat, budget])
            )
            draws.append(Draw(target, repeat, budget, studies, positive, folds, budget < reach))
    return draws


def stream_of(name: str) -> int:
    """The number that tells one name's randomness from another's."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def _in_turns(order: NDArray[np.int64], positive: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The studies of `order`, positive and negative by turns, as far as both reach."""
    of_class = positive[order]
    each = min(int(of_class.sum()), int((~of_class).sum()))
    return np.stack([order[of_class][:each], order[~of_class][:each]], 1).reshape(-1)


def _with_floor(
    order: NDArray[np.int64], positive: NDArray[np.bool_], smallest: int
) -> tuple[NDArray[np.int64], int]:
    """Bring FLOOR of each class into the first `smallest` places of `order`, by exchange.

    The next studies of the scarce class come forward, in their order, for the last studies of the
    other class. Also returns the number of places that the exchange reached over: a prefix that
    long holds what it would have held anyway.
    """
    order = order.copy()
    of_class = positive[order]
    for scarce in (True, False):
        missing = FLOOR - int((of_class[:smallest] == scarce).sum())
        if missing > 0:
            coming = smallest + np.flatnonzero(of_class[smallest:] == scarce)[:missing]
            going = np.flatnonzero(of_class[:smallest] != scarce)[-missing:]
            order[going], order[coming] = order[coming], order[going]
            return order, int(coming[-1]) + 1
    return order, 0
