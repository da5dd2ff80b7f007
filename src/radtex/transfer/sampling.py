"""Which studies are labelled: nested random draws with a floor per class."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ProtocolError
from radtex.transfer.folds import FOLDS, grouped_folds

FLOOR = FOLDS
"""Studies of each class in every draw, so that each fold can hold one of each."""
TEST_FLOOR = 10
"""Test studies of each class without which a target is not scored."""


@dataclass(frozen=True)
class Draw:
    """The labelled subset of one target, repeat and budget; the same for every encoder."""

    target: int
    repeat: int
    budget: int
    studies: NDArray[np.int64]
    """(budget,): positions in the pool's studies."""
    positive: NDArray[np.bool_]
    """(budget,)"""
    folds: NDArray[np.int64]
    """(budget,): the cross-validation fold of each study."""
    forced: bool
    """Whether studies were exchanged to reach FLOOR of each class."""


@dataclass(frozen=True)
class Served:
    """The targets that pool and test can serve, and why the others cannot be."""

    targets: tuple[int, ...]
    """Columns of the label matrices."""
    excluded: dict[str, str]


def serve(
    names: Sequence[str],
    pool: NDArray[np.float32],
    test: NDArray[np.float32],
    budgets: Sequence[int],
) -> Served:
    """Choose the targets that can be measured at every budget.

    `pool` and `test` are (studies, targets) of 1, 0 and NaN (not definite). Raises `ProtocolError`
    if no target can be served, with the largest budget that could be, if that is the reason.
    """
    served, excluded = [], {}
    definite = (~np.isnan(pool)).sum(0)
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
    largest = max(int(definite[target]) for target in served)
    if budgets[-1] > largest:
        raise ProtocolError(
            f"a budget of {budgets[-1]} studies is larger than the pool: no target has more than "
            f"{largest} definite labels there; the largest possible budget is {largest}"
        )
    for target in tuple(served):
        if definite[target] < budgets[-1]:
            served.remove(target)
            excluded[names[target]] = (
                f"the pool has {definite[target]} definite labels, "
                f"and the largest budget is {budgets[-1]}"
            )
    return Served(tuple(served), excluded)


def draw(
    target: int,
    name: str,
    labels: NDArray[np.float32],
    patients: NDArray[np.int64],
    budgets: Sequence[int],
    repeats: int,
    seed: int,
) -> list[Draw]:
    """Draw `repeats` nested subsets of a target at every budget.

    `labels` (n,) is 1, 0 or NaN and `patients` (n,) tells the patients of the pool's studies
    apart; `budgets` ascend, from twice FLOOR or more. The order of a repeat depends on `seed`, the
    target's name and the repeat alone, and each budget takes its beginning.
    """
    stream = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    definite = np.flatnonzero(~np.isnan(labels))
    draws = []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, stream, repeat])
        order, reach = _with_floor(rng.permutation(definite), labels == 1, budgets[0])
        for budget in budgets:
            studies = order[:budget]
            positive = labels[studies] == 1
            folds = grouped_folds(
                positive, patients[studies], np.random.default_rng([seed, stream, repeat, budget])
            )
            draws.append(Draw(target, repeat, budget, studies, positive, folds, budget < reach))
    return draws


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
