"""Which targets a pool and a test can serve, and at which budgets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ProtocolError
from radtex.transfer.design import Prevalence, Sampling
from radtex.transfer.sampling.draws import FLOOR

TEST_FLOOR = 10
"""Test studies of each class without which a target is not scored."""


@dataclass(frozen=True)
class Served:
    """The targets that pool and test can serve, and why the others cannot be."""

    targets: tuple[int, ...]
    """Columns of the label matrices."""
    excluded: dict[str, str]
    """The others by name, and why."""


def serve(
    names: Sequence[str],
    pool: NDArray[np.float32],
    test: NDArray[np.float32],
    budgets: Sequence[int],
    sampling: Sampling = "per-target",
    prevalence: Prevalence = "natural",
) -> Served:
    """Choose the targets that can be measured at every budget.

    Args:
        names: of T targets.
        pool: labels (studies, T) of 1, 0 and NaN (not definite).
        test: labels of the test, in the same way.
        budgets: ascending.
        sampling: whether each target has draws of its own, or all share one set.
        prevalence: whether the classes are drawn as they come, or half and half.

    Raises:
        ProtocolError: if no target can be served; the message has the largest budget that could
            be, if that is the reason.
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
