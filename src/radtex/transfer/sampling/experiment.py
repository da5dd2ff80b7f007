"""The few-label experiment: drawn before any score, equal for all encoders."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ProtocolError
from radtex.transfer.design import Design
from radtex.transfer.sampling.draws import FLOOR, Draw, draw
from radtex.transfer.sampling.eligibility import serve
from radtex.transfer.sampling.pool_share import pool_share
from radtex.transfer.sampling.shared_draws import draw_shared
from radtex.transfer.sampling.studies import Studies

OVERLAP = 1 / 3
"""The share of a pool above which draws are said to overlap."""


@dataclass(frozen=True)
class Experiment:
    """What is measured and on which labels; the same for every encoder."""

    design: Design
    """What was asked for."""
    pool: Studies
    """Studies that labels are drawn from."""
    test: Studies
    """Studies that are scored."""
    targets: tuple[str, ...]
    """T targets that pool and test can serve."""
    excluded: dict[str, str]
    """The other targets, and why."""
    budgets: tuple[int, ...]
    """B budgets, ascending."""
    draws: tuple[Draw, ...]
    """By target, repeat and budget; their `target` counts in `targets`."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, R, B): targets, repeats and budgets; the draws stand in this order."""
        return len(self.targets), self.design.repeats, len(self.budgets)

    @cached_property
    def pool_share(self) -> NDArray[np.float64]:
        """(T, B): the share of the pool that a draw takes; see `sampling.pool_share`."""
        return pool_share(self.pool, self.draws, self.shape)

    @property
    def overlapping(self) -> list[tuple[str, int, float]]:
        """Targets and budgets whose draws take more than OVERLAP of the pool, and the share."""
        return [
            (target, budget, float(self.pool_share[row, column]))
            for row, target in enumerate(self.targets)
            for column, budget in enumerate(self.budgets)
            if self.pool_share[row, column] > OVERLAP
        ]


def draw_experiment(pool: Studies, test: Studies, design: Design) -> Experiment:
    """Choose the targets and draw the labels of an experiment.

    Args:
        pool: studies that labels are drawn from.
        test: studies that are scored.
        design: its targets name the label columns of `pool` and `test`.

    Returns:
        The experiment, with the targets that can be served.

    Raises:
        ProtocolError: if budgets or repeats are impossible, one balanced set is asked for several
            targets, or no target can be served.
    """
    _check(design)
    budgets = tuple(sorted(design.budgets))
    served = serve(pool, test, design)
    columns = list(served.targets)
    names = tuple(design.targets[column] for column in columns)
    labels = pool.labels[:, columns]
    repeats, seed = design.repeats, design.seed
    if design.sampling == "shared" and design.prevalence == "natural":
        draws = draw_shared(names, labels, pool.patients, budgets, repeats, seed)
    else:
        draws = [
            each
            for place, name in enumerate(names)
            for each in draw(
                place,
                name,
                labels[:, place],
                pool.patients,
                budgets,
                repeats,
                seed,
                design.prevalence,
            )
        ]
    return Experiment(
        design=design,
        pool=replace(pool, labels=labels),
        test=replace(test, labels=test.labels[:, columns]),
        targets=names,
        excluded=served.excluded,
        budgets=budgets,
        draws=tuple(draws),
    )


def _check(design: Design) -> None:
    budgets = design.budgets
    if not budgets or len(set(budgets)) != len(budgets):
        raise ProtocolError(
            f"the budgets are {' '.join(map(str, budgets)) or 'none'}; name each budget once"
        )
    if min(budgets) < 2 * FLOOR:
        raise ProtocolError(
            f"a budget of {min(budgets)} cannot hold {FLOOR} studies of each class; "
            f"the smallest possible budget is {2 * FLOOR}"
        )
    if design.repeats < 1:
        raise ProtocolError(
            f"{design.repeats} repeats measure nothing; ask for at least 1, better 10"
        )
    if design.seed < 0:
        raise ProtocolError(f"the seed is {design.seed}; it must be 0 or more")
    if design.sampling == "shared" and design.prevalence == "balanced" and len(design.targets) > 1:
        raise ProtocolError(
            "one set of studies cannot be balanced for several targets; draw per target, or at "
            "natural prevalence"
        )
