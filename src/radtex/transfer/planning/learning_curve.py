"""A learning curve measured inside a pilot: nothing but the pilot's own labels is seen.

In each repeat the pilot's patients are dealt to folds, for each target anew. Of each fold's
complement nested subsets are drawn as the protocol draws budgets; a probe is fitted to each and
scores the fold. The AUC of a size counts pairs within folds alone, since scores of two probes
cannot be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radtex.errors import ProtocolError
from radtex.statistics.auc import auc, small_sample
from radtex.statistics.intervals import patient_freedom
from radtex.transfer.protocols.probes import fit_probes
from radtex.transfer.sampling.draws import FLOOR, Draw, draw
from radtex.transfer.sampling.eligibility import too_few_patients
from radtex.transfer.sampling.folds import FOLDS, grouped_folds
from radtex.transfer.sampling.studies import Studies

SIZES = 6
SMALLEST = 4 * FLOOR
"""Labels of the smallest subset."""
LEAST_OF_A_CLASS = 2 * FLOOR
"""Patients of each class without whom a pilot cannot serve a target."""


@dataclass(frozen=True)
class LearningCurve:
    """The mean AUC over targets at m sizes, within a pilot of n labels."""

    targets: tuple[str, ...]
    """Targets that the pilot can serve."""
    excluded: dict[str, str]
    """The other targets, and why."""
    pilot: int
    """n: definite labels of the target that has fewest."""
    sizes: NDArray[np.float64]
    """(m,), ascending, labels per target."""
    repeats: NDArray[np.float64]
    """(R, m): the mean AUC of each repeat."""
    influence: NDArray[np.float64]
    """(m, P): of each of the pilot's patients on the mean over repeats, as one who is tested."""
    positive: NDArray[np.float64]
    """(T,): the share of each target's definite labels that is positive."""

    @property
    def mean(self) -> NDArray[np.float64]:
        """(m,): the mean over repeats."""
        mean: NDArray[np.float64] = self.repeats.mean(0)
        return mean

    @property
    def covariance(self) -> NDArray[np.float64]:
        """(m, m): of the errors of the mean, over pilots.

        A patient's luck is in the curve twice: as one who is tested, and as one of those who are
        trained on. The luck of test patients is told by their influences, with its correlation over
        sizes. That of training on them adds about as much again to the curve's level: each pair of
        patients meets both ways round, and a pair's likeness counts in both. It adds less where
        more labels would hardly help, so this is an upper bound there.

        Repeats add the noise of a mean. Few tell little of how the noise of two sizes is
        correlated, so half of that is taken. One repeat tells nothing of it, and it counts then as
        much as the luck of test patients.
        """
        tested = self.influence @ self.influence.T
        level = np.sqrt(np.diagonal(tested))
        count = len(self.repeats)
        if count > 1:
            between = np.cov(self.repeats.T) / count
            noise = (between + np.diag(np.diagonal(between))) / 2
        else:
            noise = np.diag(level**2)
        return np.asarray(tested + np.outer(level, level) + noise)

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the covariance, as far as patients make it."""
        return float(patient_freedom(self.influence).min())

    def scarcity(self, labels: NDArray[np.float64]) -> NDArray[np.float64]:
        """1 / n₊ + 1 / n₋ of draws of (m,) labels, the mean over targets: (m,)."""
        share = self.positive[:, None]
        of_class = (np.maximum(FLOOR, side * labels) for side in (share, 1 - share))
        return np.asarray(np.sum([1 / each for each in of_class], axis=0).mean(0))


def learning_curve(
    features: Tensor, studies: Studies, names: Sequence[str], repeats: int, seed: int, title: str
) -> LearningCurve:
    """Measure the curve of frozen features.

    Args:
        features: (n, D), of the pilot's studies.
        studies: the pilot.
        names: those of the columns of the studies' labels.
        repeats: subsets of each size, fold and target.
        seed: of the folds and the subsets.
        title: names the progress bar.

    Raises:
        ProtocolError: if no target can be served, or the pilot is too small for a curve.
    """
    excluded, served = {}, []
    for column, name in enumerate(names):
        lacking = too_few_patients(studies.labels[:, column], studies.patients, LEAST_OF_A_CLASS)
        if lacking:
            excluded[name] = f"the pilot has {lacking}"
        else:
            served.append(column)
    if not served:
        raise ProtocolError(
            "no target can be planned for: "
            + "; ".join(f"{name}: {reason}" for name, reason in excluded.items())
            + "; label a larger pilot, or name other targets"
        )
    parts = [
        _Part(column, repeat, *_outer_folds(studies, column, names[column], repeat, seed))
        for column in served
        for repeat in range(repeats)
    ]
    sizes = _sizes(studies, parts)
    draws = [each for part in parts for each in part.draws(studies, sizes)]
    probes = fit_probes(features, draws, title)
    values = np.zeros((len(served), repeats, len(sizes)))
    moved = np.zeros((len(sizes), studies.patient_count))
    per_part = FOLDS * len(sizes)
    for number, part in enumerate(parts):
        fitted = slice(number * per_part, (number + 1) * per_part)
        scores = features @ probes.weights[fitted].T + probes.intercepts[fitted]
        reached, influence = _within_folds(scores, studies, part)
        values[divmod(number, repeats)] = reached
        moved += influence / len(parts)
    definite = (~np.isnan(studies.labels[:, served])).sum(0)
    return LearningCurve(
        targets=tuple(names[column] for column in served),
        excluded=excluded,
        pilot=int(definite.min()),
        sizes=np.array(sizes, np.float64),
        repeats=values.mean(0),
        influence=moved,
        positive=np.nanmean(studies.labels[:, served], axis=0, dtype=np.float64),
    )


@dataclass(frozen=True)
class _Part:
    """One repeat of one target."""

    column: int
    repeat: int
    folds: NDArray[np.int64]
    """(n,): the fold of each study; -1 where the label is not definite."""
    seeds: tuple[int, ...]
    """One per fold, of its draws."""

    def draws(self, studies: Studies, sizes: Sequence[int]) -> list[Draw]:
        """Subsets of each fold's complement, by fold and size."""
        labels = studies.labels[:, self.column]
        return [
            each
            for fold, seed in enumerate(self.seeds)
            for each in draw(
                self.column,
                f"fold {fold}",
                np.where((self.folds >= 0) & (self.folds != fold), labels, np.nan),
                studies.patients,
                sizes,
                1,
                seed,
            )
        ]


def _outer_folds(
    studies: Studies, column: int, name: str, repeat: int, seed: int
) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    rng = np.random.default_rng([seed, repeat, *name.encode()])
    labels = studies.labels[:, column]
    definite = np.flatnonzero(~np.isnan(labels))
    folds = np.full(len(labels), -1)
    folds[definite] = grouped_folds(labels[definite] == 1, studies.patients[definite], rng)
    return folds, tuple(int(each) for each in rng.integers(2**31, size=FOLDS))


def _sizes(studies: Studies, parts: Sequence[_Part]) -> list[int]:
    """Sizes, equal in the logarithm, up to what every fold's complement holds."""
    largest = len(studies.labels)
    for part in parts:
        labels = studies.labels[:, part.column]
        for fold in range(FOLDS):
            rest = (part.folds >= 0) & (part.folds != fold)
            largest = min(largest, int(rest.sum()))
            if min(int((labels[rest] == side).sum()) for side in (0, 1)) < FLOOR:
                raise ProtocolError(
                    "a few patients hold most of the pilot's positive or negative studies; label "
                    "more patients, or name other targets"
                )
    if largest < 2 * SMALLEST:
        raise ProtocolError(
            f"the pilot leaves {largest} labels to train on when a fold is held out, and a curve "
            f"needs {2 * SMALLEST}; label a larger pilot"
        )
    smallest = max(SMALLEST, largest // 5)
    return sorted({round(each) for each in np.geomspace(smallest, largest, SIZES)})


def _within_folds(
    scores: Tensor, studies: Studies, part: _Part
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The AUC (m,) over pairs within folds and its influence (m, P); scores (n, FOLDS · m)."""
    positive = studies.labels[:, part.column] == 1
    sizes = scores.shape[1] // FOLDS
    components = np.zeros((len(positive), sizes))
    share = np.zeros(len(positive))  # of all pairs, those that a study is in
    value, pairs = np.zeros(sizes), 0
    for fold in range(FOLDS):
        held = np.flatnonzero(part.folds == fold)
        sides = positive[held]
        count = int(sides.sum()) * int((~sides).sum())
        if not count:
            continue
        of_fold = scores[held][:, fold * sizes : (fold + 1) * sizes]
        reached, parts = auc(of_fold, sides)
        components[held] = parts.cpu().numpy()
        share[held] = np.where(sides, (~sides).sum(), sides.sum())
        value += count * reached
        pairs += count
    value /= pairs
    moved = np.zeros((studies.patient_count, sizes))
    for side in (True, False):
        studied = (positive == side) & (share > 0)
        theirs = studies.patients[studied]
        factor = small_sample(theirs) / pairs
        deviations = share[studied, None] * (components[studied] - value)
        np.add.at(moved, theirs, factor * deviations)
    return value, moved.T
