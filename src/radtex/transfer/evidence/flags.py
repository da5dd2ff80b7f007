"""What a reader must know beside the numbers, in plain sentences."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radtex.transfer.contestants.contestant import (
    Contestant,
    inequalities,
    mismatches,
    reservations,
)
from radtex.transfer.contestants.near_duplicates import sentences as near_duplicate_sentences
from radtex.transfer.design import Experiment, Scores
from radtex.transfer.protocols.knn import Neighbours
from radtex.transfer.protocols.linear import STRENGTHS, Probes
from radtex.transfer.sampling.draws import FLOOR, what_a_budget_is

_REPEATS_FOR_AN_INTERVAL = 5


def flags(
    contestants: Sequence[Contestant],
    experiment: Experiment,
    scores: Mapping[str, Scores],
    record: Mapping[str, Any],
) -> list[str]:
    """Gather the sentences; `scores` is by the contestants' names; `record` is the protocol's."""
    return [
        what_a_budget_is(experiment.sampling, experiment.prevalence),
        *_on_targets(experiment),
        *_on_draws(experiment),
        *_on_probes(
            {name: score.probes for name, score in scores.items() if score.probes is not None}
        ),
        *_on_neighbours(
            [score.neighbours for score in scores.values() if score.neighbours is not None]
        ),
        *_on_finetuning(scores, experiment, record),
        *inequalities(contestants, record["image_size"]),
        *mismatches(contestants, {role: record[role] for role in ("pool", "test")}),
        *near_duplicate_sentences(record.get("near_duplicates")),
        *reservations(contestants),
    ]


def _on_targets(experiment: Experiment) -> list[str]:
    return [
        f"{name} is left out at every budget: {reason}."
        for name, reason in experiment.excluded.items()
    ]


def _on_draws(experiment: Experiment) -> list[str]:
    sentences = []
    if experiment.sampling == "shared":
        sentences.append(_definite_counts(experiment))
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
            f"Repeats overlap, because the budget is more than half of {_drawn_from(experiment)}: "
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


def _drawn_from(experiment: Experiment) -> str:
    if experiment.prevalence == "balanced":
        return "what the pool's scarcer class allows"
    if experiment.sampling == "shared":
        return "the pool's studies with any definite label"
    return "the pool's definite labels"


def _definite_counts(experiment: Experiment) -> str:
    largest = experiment.budgets[-1]
    counts: dict[str, list[int]] = {target: [] for target in experiment.targets}
    for draw in experiment.draws:
        if draw.budget == largest:
            counts[experiment.targets[draw.target]].append(len(draw.studies))
    return f"Definite labels among {largest} shared studies, mean over repeats: " + _listed(
        f"{target} {np.mean(each):.0f}" for target, each in counts.items()
    )


def _on_probes(probes: Mapping[str, Probes]) -> list[str]:
    if not probes:
        return []
    sentences = [
        "Share of probes whose C was the smallest or the largest tried: "
        + _listed(
            f"{name} {np.mean(each.choices == 0):.0%} smallest, "
            f"{np.mean(each.choices == len(STRENGTHS) - 1):.0%} largest"
            for name, each in probes.items()
        )
    ]
    sentences += _on_lone_classes(
        next(iter(probes.values())).cross_validated,
        f"C could not be cross-validated and is {STRENGTHS[0]:g}",
    )
    unfinished = {name: int((~each.converged).sum()) for name, each in probes.items()}
    if any(unfinished.values()):
        sentences.append(
            "Probes whose fits did not reach their tolerance: "
            + _listed(f"{name} {count}" for name, count in unfinished.items() if count)
        )
    return sentences


def _on_neighbours(neighbours: Sequence[Neighbours]) -> list[str]:
    # The draws are the same for every encoder, and so is what could not be cross-validated.
    return [
        sentence
        for each in neighbours[:1]
        for sentence in _on_lone_classes(
            each.cross_validated,
            "the number of neighbours could not be cross-validated and is the largest tried",
        )
    ]


def _on_lone_classes(cross_validated: NDArray[np.bool_], consequence: str) -> list[str]:
    alone = int((~cross_validated).sum())
    if not alone:
        return []
    return [
        f"In {alone} of {len(cross_validated)} draws a class came from one patient, so that "
        f"{consequence}."
    ]


def _on_finetuning(
    scores: Mapping[str, Scores], experiment: Experiment, record: Mapping[str, Any]
) -> list[str]:
    tuned = {name: score.finetuned for name, score in scores.items() if score.finetuned is not None}
    if not tuned or not record["finetuning"]["early_stopping"]:
        return []
    sentences = [
        "Early stopping on a fifth of the labelled studies, which were not trained on; mean steps "
        "kept: " + _listed(f"{name} {each.steps.mean():.0f}" for name, each in tuned.items())
    ]
    fixed = int((~next(iter(tuned.values())).held_out).sum())
    if fixed:
        sentences.append(
            f"In {fixed} of {len(experiment.draws)} draws nothing could be held out, because a "
            "class came from too few patients: their steps are the most allowed."
        )
    return sentences


def _listed(parts: Iterable[str]) -> str:
    return "; ".join(parts) + "."
