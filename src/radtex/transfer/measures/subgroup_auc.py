"""The AUC within groups of test studies, and its difference to all other studies."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.statistics.auc import auc, influence
from radtex.statistics.intervals import Estimate
from radtex.transfer.measures.measured import DefiniteStudies, Measured, mean_of, within
from radtex.transfer.sampling.eligibility import TEST_FLOOR


@dataclass(frozen=True)
class SubgroupMeasured:
    """The AUC of one target at one budget (B = 1) within a group and within the rest."""

    group: Measured
    """Within the group."""
    rest: Measured | None
    """None where the rest has fewer than TEST_FLOOR patients of a class."""
    studies: int
    """In the group, with a definite label."""
    positive: int
    """Those of them that are positive."""

    def over_pools(self, share: NDArray[np.float64]) -> "SubgroupMeasured":
        """Return both spread as repeats of other pools would be; share (1,), as of a draw."""
        rest = None if self.rest is None else self.rest.over_pools(share)
        return replace(self, group=self.group.over_pools(share), rest=rest)


@dataclass(frozen=True)
class SubgroupAuc:
    """The mean AUC within a group over the targets that it can serve."""

    group: str
    """Its name."""
    targets: tuple[str, ...]
    """Targets with enough patients of each class in the group."""
    studies: int
    """With a definite label for a target, the largest count over targets."""
    auc: Estimate
    """Mean over the targets."""
    difference: Estimate | None
    """To all other studies, over the targets that both can serve; None where there is none."""


def measure_subgroups(scores: Tensor, tested: DefiniteStudies) -> dict[str, SubgroupMeasured]:
    """Measure the groups with TEST_FLOOR patients of each class.

    Args:
        scores: (n, R), at one budget.
        tested: the n studies and their groups.
    """
    measured = {}
    for name, mask in tested.groups.items():
        group = _within(scores, tested, mask)
        if group is not None:
            rest = _within(scores, tested, ~mask)
            measured[name] = SubgroupMeasured(
                group, rest, int(mask.sum()), int((mask & tested.positive).sum())
            )
    return measured


def subgroup_auc(
    groups: Iterable[str],
    targets: Sequence[str],
    measured: Sequence[Mapping[str, SubgroupMeasured]],
) -> tuple[SubgroupAuc, ...]:
    """Conclude on each group that a target can be measured in.

    Args:
        groups: names of groups.
        targets: T names.
        measured: T times what `measure_subgroups` returns.
    """
    results = []
    for group in groups:
        served = [
            (name, of_target[group])
            for name, of_target in zip(targets, measured, strict=True)
            if group in of_target
        ]
        if not served:
            continue
        both = [(each.group, each.rest) for _, each in served if each.rest is not None]
        difference = None
        if both:
            inside, outside = mean_of([one for one, _ in both]), mean_of([rest for _, rest in both])
            (difference,) = inside.minus(outside).estimates()
        results.append(
            SubgroupAuc(
                group,
                tuple(name for name, _ in served),
                max(each.studies for _, each in served),
                within(mean_of([each.group for _, each in served]).estimates()[0]),
                difference,
            )
        )
    return tuple(results)


def _within(scores: Tensor, tested: DefiniteStudies, mask: NDArray[np.bool_]) -> Measured | None:
    positive, patients = tested.positive[mask], tested.patients[mask]
    if min(len(np.unique(patients[side])) for side in (positive, ~positive)) < TEST_FLOOR:
        return None
    reached, components = auc(scores[torch.from_numpy(mask).to(scores.device)], positive)
    moved = influence(components.cpu().numpy(), positive, patients, tested.patient_count).T
    return Measured(reached[:, None], moved.mean(0, keepdims=True), moved[:, None])
