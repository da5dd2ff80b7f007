"""The linear few-label experiment on features: planned before any score, equal for all encoders."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radtex.errors import ProtocolError
from radtex.transfer.auc import auc, influence
from radtex.transfer.operating import TargetOperating, operate
from radtex.transfer.probes import Probes, fit_probes
from radtex.transfer.sampling import FLOOR, Draw, draw, serve
from radtex.transfer.studies import Studies


@dataclass(frozen=True)
class Experiment:
    """What is measured and on which labels; the same for every encoder."""

    pool: Studies
    test: Studies
    targets: tuple[str, ...]
    """T targets that pool and test can serve."""
    excluded: dict[str, str]
    """The other targets, and why."""
    budgets: tuple[int, ...]
    """B budgets, ascending."""
    repeats: int
    """R repeats."""
    seed: int
    draws: tuple[Draw, ...]
    """By target, repeat and budget; their `target` counts in `targets`."""

    @property
    def overlapping(self) -> list[tuple[str, int]]:
        """Targets and budgets whose repeats share labels: above half of the pool's definite."""
        definite = (~np.isnan(self.pool.labels)).sum(0)
        return [
            (target, budget)
            for target, count in zip(self.targets, definite, strict=True)
            for budget in self.budgets
            if 2 * budget > count
        ]


@dataclass(frozen=True)
class Scores:
    """What one encoder reached in an experiment."""

    auc: NDArray[np.float64]
    """(T, R, B)"""
    influence: NDArray[np.float64]
    """(T, B, P): of each test patient on the mean over repeats (see `auc.influence`)."""
    probes: Probes
    operating: tuple[TargetOperating, ...] = ()
    """(T,), or none where scores were not kept so long."""


def plan(
    pool: Studies,
    test: Studies,
    targets: Sequence[str],
    budgets: Sequence[int],
    repeats: int,
    seed: int,
) -> Experiment:
    """Choose the targets and draw the labels of an experiment.

    `targets` names the label columns of `pool` and `test`. Raises `ProtocolError` for budgets or
    repeats that cannot be, and if no target can be served.
    """
    if not budgets or len(set(budgets)) != len(budgets):
        raise ProtocolError(
            f"the budgets are {' '.join(map(str, budgets)) or 'none'}; name each budget once"
        )
    ascending = tuple(sorted(budgets))
    if ascending[0] < 2 * FLOOR:
        raise ProtocolError(
            f"a budget of {ascending[0]} cannot hold {FLOOR} studies of each class; "
            f"the smallest possible budget is {2 * FLOOR}"
        )
    if repeats < 1:
        raise ProtocolError(f"{repeats} repeats measure nothing; ask for at least 1, better 10")
    if seed < 0:
        raise ProtocolError(f"the seed is {seed}; it must be 0 or more")
    served = serve(targets, pool.labels, test.labels, ascending)
    draws = [
        each
        for number, column in enumerate(served.targets)
        for each in draw(
            number,
            targets[column],
            pool.labels[:, column],
            pool.patients,
            ascending,
            repeats,
            seed,
        )
    ]
    columns = list(served.targets)
    return Experiment(
        pool=replace(pool, labels=pool.labels[:, columns]),
        test=replace(test, labels=test.labels[:, columns]),
        targets=tuple(targets[column] for column in columns),
        excluded=served.excluded,
        budgets=ascending,
        repeats=repeats,
        seed=seed,
        draws=tuple(draws),
    )


def measure(experiment: Experiment, pool: Tensor, test: Tensor, name: str) -> Scores:
    """Fit a probe to each draw and score it once on the test.

    `pool` and `test` are the encoder's features of the studies, (n, D); `name` names the progress
    bar.
    """
    probes = fit_probes(pool, experiment.draws, f"probes on {name}")
    shape = (len(experiment.targets), experiment.repeats, len(experiment.budgets))
    values = np.empty(shape)
    moved = np.empty((shape[0], shape[2], experiment.test.patient_count))
    operating = []
    of_target = np.arange(len(experiment.draws)).reshape(shape[0], -1)
    for target, draws in enumerate(of_target):
        labels = experiment.test.labels[:, target]
        definite = np.flatnonzero(~np.isnan(labels))
        positive = labels[definite] == 1
        scores = test[definite] @ probes.weights[draws].T + probes.intercepts[draws]
        reached, components = auc(scores, positive)
        values[target] = reached.reshape(shape[1:])
        moved[target] = influence(
            components.cpu().numpy().reshape(-1, *shape[1:]).mean(1),
            positive,
            experiment.test.patients[definite],
            experiment.test.patient_count,
        ).T
        operating.append(
            operate(
                scores,
                positive,
                experiment.test.patients[definite],
                experiment.test.patient_count,
                (shape[1], shape[2]),
                {name: mask[definite] for name, mask in experiment.test.groups.items()},
            )
        )
    return Scores(values, moved, probes, tuple(operating))
