"""What a reader must know beside the numbers, in plain sentences."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from radtex.transfer.contestants import Contestant, inequalities, mismatches, reservations
from radtex.transfer.experiment import Experiment, Scores
from radtex.transfer.probes import STRENGTHS
from radtex.transfer.sampling import FLOOR

_REPEATS_FOR_AN_INTERVAL = 5


def flags(
    contestants: Sequence[Contestant],
    experiment: Experiment,
    scores: Mapping[str, Scores],
    record: Mapping[str, Any],
) -> list[str]:
    """Gather the sentences; `scores` is by the contestants' names; `record` is the protocol's."""
    return [
        *_on_targets(experiment),
        *_on_draws(experiment),
        *_on_probes(scores),
        *inequalities(contestants, record["image_size"]),
        *mismatches(contestants, {role: record[role] for role in ("pool", "test")}),
        *reservations(contestants),
    ]


def _on_targets(experiment: Experiment) -> list[str]:
    return [
        f"{name} is left out at every budget: {reason}."
        for name, reason in experiment.excluded.items()
    ]


def _on_draws(experiment: Experiment) -> list[str]:
    sentences = []
    forced = Counter(
        (experiment.targets[draw.target], draw.budget) for draw in experiment.draws if draw.forced
    )
    if forced:
        sentences.append(
            f"Forced draws: studies were exchanged to label at least {FLOOR} of each class: "
            + _listed(
                f"{target} at {budget} ({count} of {experiment.repeats} repeats)"
                for (target, budget), count in forced.items()
            )
        )
    if experiment.overlapping:
        sentences.append(
            "Repeats overlap, because the budget is more than half of the pool's definite labels: "
            + _listed(f"{target} at {budget}" for target, budget in experiment.overlapping)
        )
    if experiment.repeats == 1:
        sentences.append(
            "There is one repeat: the intervals count the test patients and not the draw of labels."
        )
    elif experiment.repeats < _REPEATS_FOR_AN_INTERVAL:
        sentences.append(
            f"There are {experiment.repeats} repeats: with fewer than {_REPEATS_FOR_AN_INTERVAL} "
            "the intervals may be too short."
        )
    return sentences


def _on_probes(scores: Mapping[str, Scores]) -> list[str]:
    sentences = [
        "Share of probes whose C was the smallest or the largest tried: "
        + _listed(
            f"{name} {np.mean(score.probes.choices == 0):.0%} smallest, "
            f"{np.mean(score.probes.choices == len(STRENGTHS) - 1):.0%} largest"
            for name, score in scores.items()
        )
    ]
    alone = next(iter(scores.values())).probes.cross_validated
    if not alone.all():
        sentences.append(
            f"In {int((~alone).sum())} of {len(alone)} draws a class came from one patient, so "
            f"that C could not be cross-validated and is {STRENGTHS[0]:g}."
        )
    unfinished = {name: int((~score.probes.converged).sum()) for name, score in scores.items()}
    if any(unfinished.values()):
        sentences.append(
            "Probes whose fits did not reach their tolerance: "
            + _listed(f"{name} {count}" for name, count in unfinished.items() if count)
        )
    return sentences


def _listed(parts: Iterable[str]) -> str:
    return "; ".join(parts) + "."
