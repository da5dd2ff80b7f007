"""Which targets a pool and a test can serve, and at which budgets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ProtocolError, SmallPoolError
from radtex.transfer.design import Design, Prevalence
from radtex.transfer.sampling.draws import FLOOR
from radtex.transfer.sampling.studies import Studies

TEST_FLOOR = Design.test_patients
"""Patients of each class without whom nothing is scored, unless a design says otherwise."""


@dataclass(frozen=True)
class Served:
    """The targets that pool and test can serve, and why the others cannot be."""

    targets: tuple[int, ...]
    """Columns of the label matrices."""
    excluded: dict[str, str]
    """The others by name, and why."""


def serve(pool: Studies, test: Studies, design: Design) -> Served:
    """Choose the targets that can be measured at every budget.

    Patients are counted, and not studies: how far results would differ with other patients cannot
    be told from one, and folds keep patients whole. So the pool needs FLOOR of each class.

    Args:
        pool: studies that labels are drawn from.
        test: studies that are scored.
        design: its targets name the label columns of both.

    Raises:
        ProtocolError: if no target can be served; a `SmallPoolError` with the largest budget that
            could be, if that is the reason.
    """
    served, excluded = [], {}
    names, largest_budget = design.targets, max(design.budgets)
    prevalence = design.prevalence
    capacity = capacity_of(pool.labels, prevalence)
    for target, name in enumerate(names):
        for where, studies, floor in (("test", test, design.test_patients), ("pool", pool, FLOOR)):
            lacking = too_few_patients(studies.labels[:, target], studies.patients, floor)
            if lacking:
                excluded[name] = f"the {where} has {lacking}"
                break
        else:
            served.append(target)
    if not served:
        raise ProtocolError(
            "no target can be measured: "
            + "; ".join(f"{name}: {reason}" for name, reason in excluded.items())
        )
    if design.sampling == "shared":
        largest = len(drawable(pool.labels[:, served]))
        if largest_budget > largest:
            raise SmallPoolError(
                f"a budget of {largest_budget} studies is larger than the pool: {largest} studies "
                f"there have a definite label; the largest possible budget is {largest}"
            )
        return Served(tuple(served), excluded)
    largest = max(int(capacity[target]) for target in served)
    if largest_budget > largest:
        if prevalence == "balanced":
            raise SmallPoolError(
                f"a balanced budget of {largest_budget} studies is larger than the pool: no target "
                f"has more than {largest // 2} of both classes there; the largest possible budget "
                f"is {largest}"
            )
        raise SmallPoolError(
            f"a budget of {largest_budget} studies is larger than the pool: no target has more "
            f"than {largest} definite labels there; the largest possible budget is {largest}"
        )
    for target in tuple(served):
        if capacity[target] < largest_budget:
            served.remove(target)
            held = (
                f"{capacity[target] // 2} studies of one class"
                if prevalence == "balanced"
                else f"{capacity[target]} definite labels"
            )
            wanted = "balanced budget" if prevalence == "balanced" else "budget"
            excluded[names[target]] = (
                f"the pool has {held}, and the largest {wanted} is {largest_budget}"
            )
    return Served(tuple(served), excluded)


def too_few_patients(
    labels: NDArray[np.float32], patients: NDArray[np.int64], floor: int
) -> str | None:
    """Say which class has studies of fewer than `floor` patients; None where neither has.

    Args:
        labels: (n,), 1, 0 or NaN.
        patients: (n,), tells the patients of the studies apart.
        floor: how many are needed.
    """
    for side, called in ((1, "positive"), (0, "negative")):
        count = len(np.unique(patients[labels == side]))
        if count < floor:
            people = "1 patient" if count == 1 else f"{count} patients"
            return f"{called} studies of {people}, and {floor} are needed"
    return None


def capacity_of(labels: NDArray[np.float32], prevalence: Prevalence) -> NDArray[np.int64]:
    """The largest budget of each target that a pool (studies, targets) can serve."""
    capacity: NDArray[np.int64] = (~np.isnan(labels)).sum(0)
    if prevalence == "balanced":
        capacity = 2 * np.minimum((labels == 1).sum(0), (labels == 0).sum(0))
    return capacity


def drawable(labels: NDArray[np.float32]) -> NDArray[np.int64]:
    """The studies of a pool (studies, targets) with a definite label for any target."""
    return np.flatnonzero(~np.isnan(labels).all(1))
