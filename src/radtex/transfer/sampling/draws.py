"""Which studies are labelled: nested random draws with a floor per class."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ProtocolError
from radtex.transfer.sampling.folds import FOLDS, grouped_folds

FLOOR = FOLDS
"""Studies of each class in every draw, so that each fold can hold one of each."""
TEST_FLOOR = 10
"""Test studies of each class without which a target is not scored."""


Sampling = Literal["per-target", "shared"]
"""`per-target`: each target has studies of its own; `shared`: one set of studies for all."""
Prevalence = Literal["natural", "balanced"]
"""`natural`: as in the pool, with the floor; `balanced`: half of each class."""


@dataclass(frozen=True)
class Draw:
    """The labelled subset of one target, repeat and budget; the same for every encoder.

    It has n studies: `budget` of them where each target has its own draws; where all share one,
    those of the `budget` studies whose label is definite for this target.
    """

    target: int
    repeat: int
    budget: int
    studies: NDArray[np.int64]
    """(n,): positions in the pool's studies."""
    positive: NDArray[np.bool_]
    """(n,)"""
    folds: NDArray[np.int64]
    """(n,): the cross-validation fold of each study."""
    forced: bool
    """Whether studies were exchanged to reach FLOOR of each class."""


@dataclass(frozen=True)
class Served:
    """The targets that pool and test can serve, and why the others cannot be."""

    targets: tuple[int, ...]
    """Columns of the label matrices."""
    excluded: dict[str, str]


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


def serve(
    names: Sequence[str],
    pool: NDArray[np.float32],
    test: NDArray[np.float32],
    budgets: Sequence[int],
    sampling: Sampling = "per-target",
    prevalence: Prevalence = "natural",
) -> Served:
    """Choose the targets that can be measured at every budget.

    `pool` and `test` are (studies, targets) of 1, 0 and NaN (not definite). Raises `ProtocolError`
    if no target can be served, with the largest budget that could be, if that is the reason.
    """
    served, excluded = [], {}
    capacity = capacity_of(pool, prevalence)
    for target, name in enumerate(names):
        for where, labels, floor in (("test", test, TEST_FLOOR), ("pool", pool, FLOOR)):
            fewest = min(int((labels[:, target] == side).sum()) for side in (0, 1))
            if fewest < floor:
                excluded[name] = (
                    f"the {where} has {fewest} studies of one class, and {floor} are needed"
                )
                break
        else:
            served.append(target)
    if not served:
        raise ProtocolError(
            "no target can be measured: "
            + "; ".join(f"{name}: {reason}" for name, reason in excluded.items())
        )
    if sampling == "shared":
        largest = len(drawable(pool[:, served]))
        if budgets[-1] > largest:
            raise ProtocolError(
                f"a budget of {budgets[-1]} studies is larger than the pool: {largest} studies "
                f"there have a definite label; the largest possible budget is {largest}"
            )
        return Served(tuple(served), excluded)
    largest = max(int(capacity[target]) for target in served)
    if budgets[-1] > largest:
        if prevalence == "balanced":
            raise ProtocolError(
                f"a balanced budget of {budgets[-1]} studies is larger than the pool: no target "
                f"has more than {largest // 2} of both classes there; the largest possible budget "
                f"is {largest}"
            )
        raise ProtocolError(
            f"a budget of {budgets[-1]} studies is larger than the pool: no target has more than "
            f"{largest} definite labels there; the largest possible budget is {largest}"
        )
    for target in tuple(served):
        if capacity[target] < budgets[-1]:
            served.remove(target)
            held = (
                f"{capacity[target] // 2} studies of one class"
                if prevalence == "balanced"
                else f"{capacity[target]} definite labels"
            )
            wanted = "balanced budget" if prevalence == "balanced" else "budget"
            excluded[names[target]] = (
                f"the pool has {held}, and the largest {wanted} is {budgets[-1]}"
            )
    return Served(tuple(served), excluded)


def capacity_of(labels: NDArray[np.float32], prevalence: Prevalence) -> NDArray[np.int64]:
    """The largest budget of each target that a pool (studies, targets) can serve."""
    capacity: NDArray[np.int64] = (~np.isnan(labels)).sum(0)
    if prevalence == "balanced":
        capacity = 2 * np.minimum((labels == 1).sum(0), (labels == 0).sum(0))
    return capacity


def drawable(labels: NDArray[np.float32]) -> NDArray[np.int64]:
    """The studies of a pool (studies, targets) with a definite label for any target."""
    return np.flatnonzero(~np.isnan(labels).all(1))


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
    """Draw `repeats` nested subsets of a target at every budget.

    `labels` (n,) is 1, 0 or NaN and `patients` (n,) tells the patients of the pool's studies
    apart; `budgets` ascend, from twice FLOOR or more. The order of a repeat depends on `seed`, the
    target's name and the repeat alone, and each budget takes its beginning. Where it is balanced,
    the order takes turns between the classes; of an odd budget one more is positive.
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
