"""What a prior reaches before any label: one score of the test, without draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radtex.statistics.auc import auc, influence
from radtex.transfer.sampling.experiment import Experiment


@dataclass(frozen=True)
class WithoutLabels:
    """The AUC of a prior alone."""

    auc: NDArray[np.float64]
    """(T,): of each target; 0.5 where nothing is known of it."""
    moved: NDArray[np.float64]
    """(T, P): the influence of each test patient on it."""
    facts: tuple[dict[str, Any], ...] = ()
    """(T,): what the prior of each target was made of (JSON values); of several seeds the first."""


def without_labels(
    experiment: Experiment, scores: Tensor, facts: Sequence[dict[str, Any]] = ()
) -> WithoutLabels:
    """Score a prior (m, T) once on the test studies with a definite label.

    Its interval is over test patients alone: no label is drawn.
    """
    test, values, moved = experiment.test, [], []
    for column, labels in enumerate(test.labels.T):
        definite = np.flatnonzero(~np.isnan(labels))
        positive, patients = labels[definite] == 1, test.patients[definite]
        reached, components = auc(scores[definite][:, [column]], positive)
        values.append(reached[0])
        parts = components.cpu().numpy()
        moved.append(influence(parts, positive, patients, test.patient_count)[:, 0])
    return WithoutLabels(np.array(values), np.stack(moved), tuple(facts))


def mean_without_labels(seeds: Sequence[WithoutLabels | None]) -> WithoutLabels | None:
    """Return the mean over seeds; None where one has no prior."""
    each = [seed for seed in seeds if seed is not None]
    if len(each) < len(seeds):
        return None
    return WithoutLabels(
        np.mean([one.auc for one in each], axis=0),
        np.mean([one.moved for one in each], axis=0),
        each[0].facts,
    )
