"""A rival that never saw the target's labels: of several runs, each target takes one without it."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from radtex.errors import ProtocolError
from radtex.findings import finding_of
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.design import Experiment, Scores
from radtex.transfer.protocols.finetune import Finetuned
from radtex.transfer.protocols.knn import Neighbours
from radtex.transfer.protocols.linear import Probes

Fits = TypeVar("Fits", Probes, Neighbours, Finetuned)


def leave_target_out(name: str, runs: Sequence[Contestant]) -> Contestant:
    """One contestant out of supervised runs that were trained on labels of different targets.

    Raises `ProtocolError` if a run was not trained on labels, or the runs are not alike.
    """
    for run in runs:
        if not run.description.get("targets"):
            raise ProtocolError(
                f"{run.name} was not trained on labels; A+B+… joins supervised runs, of which "
                "each target is measured on one that never saw its labels"
            )
    for what, values in (
        ("steps", {run.description["steps"] for run in runs}),
        ("architecture", {run.description["architecture"] for run in runs}),
        ("input size", {run.takes.size for run in runs}),
    ):
        if len(values) > 1:
            raise ProtocolError(f"the runs joined in {name} differ in {what}: {sorted(values)}")
    description = dict(runs[0].description)
    description["weights"] = "leave-target-out: " + ", ".join(run.name for run in runs)
    description["targets"] = [run.description["targets"] for run in runs]
    patients = frozenset().union(*(run.patients for run in runs))
    return replace(
        runs[0], name=name, description=description, patients=patients, members=tuple(runs)
    )


def members_of_targets(contestant: Contestant, targets: Sequence[str]) -> list[int]:
    """For each target, the place of the first member that never saw its labels.

    Raises `ProtocolError` if every member saw them.
    """
    places = []
    for target in targets:
        unseen = [
            place
            for place, member in enumerate(contestant.members)
            if finding_of(target) not in map(finding_of, member.description["targets"])
        ]
        if not unseen:
            raise ProtocolError(
                f"every run of {contestant.name} was trained on labels of {target}; "
                "add one that was not, or leave the target out"
            )
        places.append(unseen[0])
    return places


def choose(experiment: Experiment, scores: Sequence[Scores], members: Sequence[int]) -> Scores:
    """The scores of the member that each target takes."""
    targets = np.arange(len(experiment.targets))
    of_draw = np.array([members[draw.target] for draw in experiment.draws])
    return Scores(
        auc=np.stack([score.auc for score in scores])[members, targets],
        influence=np.stack([score.influence for score in scores])[members, targets],
        probes=_chosen([score.probes for score in scores], of_draw),
        neighbours=_chosen([score.neighbours for score in scores], of_draw),
        finetuned=_chosen([score.finetuned for score in scores], of_draw),
        operating=tuple(
            scores[member].operating[target]
            for target, member in zip(targets, members, strict=True)
        ),
    )


def _chosen(fits: Sequence[Fits | None], of_draw: NDArray[np.int64]) -> Fits | None:
    """Of the members' fits, those of the member that each draw takes; None where there are none."""
    present = [each for each in fits if each is not None]
    if not present:
        return None
    draws = np.arange(len(of_draw))
    parts: dict[str, Any] = {}
    for field in fields(present[0]):
        values = [getattr(each, field.name) for each in present]
        tensors = isinstance(values[0], torch.Tensor)
        parts[field.name] = (torch.stack(values) if tensors else np.stack(values))[of_draw, draws]
    return type(present[0])(**parts)
