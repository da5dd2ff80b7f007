"""What one encoder reached in an experiment: each draw scored once on the test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.statistics.auc import auc, influence
from radtex.statistics.crossed import Crossed
from radtex.statistics.intervals import over_pools
from radtex.transfer.measures.classifier_measures import (
    TargetMeasures,
    mean_over_seeds,
    measure_target,
)
from radtex.transfer.measures.measured import DefiniteStudies
from radtex.transfer.measures.without_labels import WithoutLabels, mean_without_labels
from radtex.transfer.sampling.experiment import Experiment

Scorer = Callable[[NDArray[np.int64], NDArray[np.int64]], Tensor]
"""From d draws (places in the experiment's) of one target and n test studies to scores (n, d)."""


@dataclass(frozen=True)
class Scores:
    """What one encoder reached in an experiment."""

    auc: NDArray[np.float64]
    """(T, R, B): of each target, repeat and budget; of several seeds their mean."""
    moved: NDArray[np.float64]
    """(T, R, B, P): the influence of each test patient on `auc` (see `statistics.auc`)."""
    fits: Any = None
    """How each draw was fitted: a dataclass of the protocol's own, each field an array or tensor
    whose first axis is the draws (of several seeds all draws of the first, then of the next);
    None where nothing is to be told."""
    measures: tuple[TargetMeasures, ...] = ()
    """(T,): what the scores say beside the AUC."""
    seeds: tuple["Scores", ...] = ()
    """Those of each pretraining seed, on the same draws and test; empty for an encoder that is one
    run."""
    without_labels: "WithoutLabels | None" = None
    """What a prior alone reached, before any label; None where there is none."""

    @property
    def influence(self) -> NDArray[np.float64]:
        """(T, B, P): of each test patient on the mean over repeats and seeds."""
        mean: NDArray[np.float64] = self.moved.mean(1)
        return mean

    def crossed(self, experiment: Experiment, target: int | None = None) -> Crossed:
        """Return the AUC at each budget as `statistics.crossed` takes it, spread over pools.

        Args:
            experiment: what was measured.
            target: its place; without it, the mean over targets.
        """
        chosen = slice(None) if target is None else slice(target, target + 1)
        share = experiment.pool_share[chosen]
        return Crossed(
            *(
                np.stack([over_pools(each.swapaxes(0, 1), of_draw).mean(1) for each in of_seeds])
                for of_seeds, of_draw in (
                    ([each.auc[chosen] for each in self.seeds or (self,)], share),
                    ([each.moved[chosen] for each in self.seeds or (self,)], share[..., None]),
                )
            )
        )

    def crossed_without_labels(self, target: int | None = None) -> Crossed | None:
        """Return the AUC of the prior alone, in one repeat; None where there is none.

        Args:
            target: its place; without it, the mean over targets.
        """
        each = [seed.without_labels for seed in self.seeds or (self,)]
        alone = [one for one in each if one is not None]
        if len(alone) < len(each):
            return None
        chosen = slice(None) if target is None else slice(target, target + 1)
        values = np.array([one.auc[chosen].mean() for one in alone])
        moved = np.stack([one.moved[chosen].mean(0) for one in alone])
        return Crossed(values[:, None, None], moved[:, None, None])


def score(
    experiment: Experiment,
    scorer: Scorer,
    *,
    logits: bool,
    fits: Any = None,
    thresholds: NDArray[np.float64] | None = None,
) -> Scores:
    """Score each draw once on the test studies with a definite label.

    Args:
        experiment: its draws and its test.
        scorer: gives the scores.
        logits: whether the sigmoid of a score is a probability.
        fits: how each draw was fitted; see `Scores`.
        thresholds: (draws, 2), the scores from which each draw calls a study positive; see
            `missed_share`.
    """
    targets, *shape = experiment.shape
    repeats, budgets = shape
    values = np.empty((targets, repeats, budgets))
    moved = np.empty((targets, repeats, budgets, experiment.test.patient_count))
    measures = []
    of_target = np.arange(len(experiment.draws)).reshape(targets, -1)
    for target, draws in enumerate(of_target):
        labels = experiment.test.labels[:, target]
        definite = np.flatnonzero(~np.isnan(labels))
        tested = DefiniteStudies(
            positive=labels[definite] == 1,
            patients=experiment.test.patients[definite],
            patient_count=experiment.test.patient_count,
            groups={name: mask[definite] for name, mask in experiment.test.groups.items()},
        )
        scores = scorer(draws, definite)
        reached, components = auc(scores, tested.positive)
        values[target] = reached.reshape(repeats, budgets)
        moved[target] = influence(
            components.cpu().numpy(), tested.positive, tested.patients, tested.patient_count
        ).T.reshape(repeats, budgets, -1)
        chosen = None if thresholds is None else thresholds[draws]
        measures.append(measure_target(scores, tested, (repeats, budgets), logits, chosen))
    return Scores(values, moved, fits, tuple(measures))


def stored(scores: Tensor) -> Scorer:
    """Make a scorer of scores (draws, test studies) that are there already."""

    def chosen(draws: NDArray[np.int64], studies: NDArray[np.int64]) -> Tensor:
        return scores[draws][:, studies].T

    return chosen


def of_members(experiment: Experiment, scores: Sequence[Scores], members: Sequence[int]) -> Scores:
    """Join the scores of several contestants, each target's from one of them.

    Args:
        experiment: what all were measured in.
        scores: those of each member.
        members: (T,), the place in `scores` of the member that each target takes.
    """
    targets = np.arange(len(experiment.targets))
    of_draw = np.array([members[draw.target] for draw in experiment.draws])
    return Scores(
        auc=np.stack([score.auc for score in scores])[members, targets],
        moved=np.stack([score.moved for score in scores])[members, targets],
        fits=_chosen([score.fits for score in scores], of_draw),
        measures=tuple(
            scores[member].measures[target] for target, member in zip(targets, members, strict=True)
        ),
    )


def of_seeds(scores: Sequence[Scores]) -> Scores:
    """Join the scores of one recipe's runs of several seeds: their means, with those of each."""
    return Scores(
        auc=np.mean([score.auc for score in scores], axis=0),
        moved=np.mean([score.moved for score in scores], axis=0),
        fits=_one_after_another([score.fits for score in scores]),
        measures=tuple(map(mean_over_seeds, zip(*(each.measures for each in scores), strict=True))),
        seeds=tuple(replace(score, fits=None, measures=()) for score in scores),
        without_labels=mean_without_labels([score.without_labels for score in scores]),
    )


def _one_after_another(fits: Sequence[Any]) -> Any:
    if fits[0] is None:
        return None
    parts: dict[str, Any] = {}
    for field in fields(fits[0]):
        values = [getattr(each, field.name) for each in fits]
        parts[field.name] = (torch.cat if isinstance(values[0], Tensor) else np.concatenate)(values)
    return type(fits[0])(**parts)


def _chosen(fits: Sequence[Any], of_draw: NDArray[np.int64]) -> Any:
    """Of the members' fits, those of the member that each draw takes; None where there are none."""
    if fits[0] is None:
        return None
    draws = np.arange(len(of_draw))
    parts: dict[str, Any] = {}
    for field in fields(fits[0]):
        values = [getattr(each, field.name) for each in fits]
        tensors = isinstance(values[0], Tensor)
        parts[field.name] = (torch.stack(values) if tensors else np.stack(values))[of_draw, draws]
    return type(fits[0])(**parts)
