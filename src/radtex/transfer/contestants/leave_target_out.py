"""A rival that never saw the target's labels: of several runs, each target takes one without it."""

from collections.abc import Sequence
from dataclasses import replace

from radtex.corpus.pseudonyms.pseudonyms import NOBODY
from radtex.errors import ProtocolError
from radtex.findings import finding_of
from radtex.transfer.contestants.contestant import Contestant


def leave_target_out(name: str, runs: Sequence[Contestant]) -> Contestant:
    """Join supervised runs that were trained on labels of different targets.

    Args:
        name: of the new contestant.
        runs: its members.

    Returns:
        One contestant, with the patients of all.

    Raises:
        ProtocolError: if a run was not trained on labels, or the runs are not alike.
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
    patients = NOBODY.joined(*(run.patients for run in runs))
    return replace(
        runs[0],
        name=name,
        description=description,
        patients=patients,
        members=tuple(runs),
        offered=(),
    )


def members_of_targets(contestant: Contestant, targets: Sequence[str]) -> list[int]:
    """Choose for each target the first member that never saw its labels.

    Args:
        contestant: who has members.
        targets: names of labels.

    Returns:
        For each target the place of its member.

    Raises:
        ProtocolError: if every member saw a target's labels.
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
