"""The few-label experiment: planned before any score, equal for all encoders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radtex.errors import ProtocolError
from radtex.statistics.auc import auc, influence
from radtex.transfer.measures.operating import TargetOperating, operate
from radtex.transfer.protocols.finetune import Finetuned
from radtex.transfer.protocols.knn import Neighbours, vote_of_neighbours
from radtex.transfer.protocols.linear import Probes, fit_probes
from radtex.transfer.protocols.prototype import likeness_to_prototypes
from radtex.transfer.sampling.draws import (
    FLOOR,
    Draw,
    Prevalence,
    Sampling,
    capacity_of,
    draw,
    drawable,
    serve,
)
from radtex.transfer.sampling.shared_draws import draw_shared
from radtex.transfer.sampling.studies import Studies

Scorer = Callable[[NDArray[np.int64], NDArray[np.int64]], Tensor]
"""From d draws (places in the experiment's) of one target and n test studies to scores (n, d)."""


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
    sampling: Sampling = "per-target"
    prevalence: Prevalence = "natural"

    @property
    def overlapping(self) -> list[tuple[str, int]]:
        """Targets and budgets whose repeats share labels: above half of what could be drawn."""
        counts = capacity_of(self.pool.labels, self.prevalence)
        if self.sampling == "shared":
            counts = np.full_like(counts, len(drawable(self.pool.labels)))
        return [
            (target, budget)
            for target, count in zip(self.targets, counts, strict=True)
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
    probes: Probes | None = None
    """How each draw was fitted by the linear protocol, `neighbours` by knn, `finetuned` by
    finetune; None where another protocol was followed."""
    neighbours: Neighbours | None = None
    finetuned: Finetuned | None = None
    operating: tuple[TargetOperating, ...] = ()
    """(T,), or none where scores were not kept so long."""


def plan(
    pool: Studies,
    test: Studies,
    targets: Sequence[str],
    budgets: Sequence[int],
    repeats: int,
    seed: int,
    sampling: Sampling = "per-target",
    prevalence: Prevalence = "natural",
) -> Experiment:
    """Choose the targets and draw the labels of an experiment.

    `targets` names the label columns of `pool` and `test`. Raises `ProtocolError` for budgets or
    repeats that cannot be, for one balanced set for several targets, and if no target can be
    served.
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
    if sampling == "shared" and prevalence == "balanced" and len(targets) > 1:
        raise ProtocolError(
            "one set of studies cannot be balanced for several targets; draw per target, or at "
            "natural prevalence"
        )
    served = serve(targets, pool.labels, test.labels, ascending, sampling, prevalence)
    columns = list(served.targets)
    names = tuple(targets[column] for column in columns)
    labels = pool.labels[:, columns]
    if sampling == "shared" and prevalence == "natural":
        draws = draw_shared(names, labels, pool.patients, ascending, repeats, seed)
    else:
        draws = [
            each
            for place, name in enumerate(names)
            for each in draw(
                place, name, labels[:, place], pool.patients, ascending, repeats, seed, prevalence
            )
        ]
    return Experiment(
        pool=replace(pool, labels=labels),
        test=replace(test, labels=test.labels[:, columns]),
        targets=names,
        excluded=served.excluded,
        budgets=ascending,
        repeats=repeats,
        seed=seed,
        draws=tuple(draws),
        sampling=sampling,
        prevalence=prevalence,
    )


def measure(experiment: Experiment, pool: Tensor, test: Tensor, name: str) -> Scores:
    """Fit a linear probe to each draw and score it once on the test.

    `pool` and `test` are the encoder's features of the studies, (n, D); `name` names the progress
    bar.
    """
    probes = fit_probes(pool, experiment.draws, f"probes on {name}")

    def logits(draws: NDArray[np.int64], studies: NDArray[np.int64]) -> Tensor:
        return test[studies] @ probes.weights[draws].T + probes.intercepts[draws]

    return score(experiment, logits, probes=probes)


def measure_neighbours(experiment: Experiment, pool: Tensor, test: Tensor, name: str) -> Scores:
    """Let the most similar labelled studies of each draw vote, once on the test; see `measure`."""
    votes, neighbours = vote_of_neighbours(pool, test, experiment.draws, f"neighbours on {name}")
    return score(experiment, _stored(votes), neighbours=neighbours)


def measure_prototypes(experiment: Experiment, pool: Tensor, test: Tensor, name: str) -> Scores:
    """Compare the test once with the class means of each draw; see `measure`."""
    likeness = likeness_to_prototypes(pool, test, experiment.draws, f"prototypes on {name}")
    return score(experiment, _stored(likeness))


def measure_finetuned(experiment: Experiment, scores: Tensor, finetuned: Finetuned) -> Scores:
    """Take the `scores` (draws, test studies) of networks that were fine-tuned on each draw."""
    return score(experiment, _stored(scores), finetuned=finetuned)


def _stored(scores: Tensor) -> Scorer:
    def chosen(draws: NDArray[np.int64], studies: NDArray[np.int64]) -> Tensor:
        return scores[draws][:, studies].T

    return chosen


def score(
    experiment: Experiment,
    scorer: Scorer,
    *,
    probes: Probes | None = None,
    neighbours: Neighbours | None = None,
    finetuned: Finetuned | None = None,
) -> Scores:
    """Score each draw once on the test studies with a definite label."""
    shape = (len(experiment.targets), experiment.repeats, len(experiment.budgets))
    values = np.empty(shape)
    moved = np.empty((shape[0], shape[2], experiment.test.patient_count))
    operating = []
    of_target = np.arange(len(experiment.draws)).reshape(shape[0], -1)
    for target, draws in enumerate(of_target):
        labels = experiment.test.labels[:, target]
        definite = np.flatnonzero(~np.isnan(labels))
        positive = labels[definite] == 1
        scores = scorer(draws, definite)
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
                logits=probes is not None or finetuned is not None,
            )
        )
    return Scores(values, moved, probes, neighbours, finetuned, tuple(operating))
