"""What a reader must know beside the numbers, in plain sentences."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from radtex.statistics.intervals import LARGEST_SHARE
from radtex.transfer.contestants.conditions import inequalities, mismatches, reservations
from radtex.transfer.contestants.contestant import Contestant, without_priors
from radtex.transfer.contestants.layers import layer_shares
from radtex.transfer.contestants.near_duplicates import sentences as near_duplicate_sentences
from radtex.transfer.contestants.near_duplicates import sentences_on_films_seen
from radtex.transfer.contestants.primary_family import apart
from radtex.transfer.leaks import sentences_on_unchecked
from radtex.transfer.measures.events import events_of, too_few_events
from radtex.transfer.measures.scores import Scores
from radtex.transfer.protocols.protocol import Protocol
from radtex.transfer.protocols.sentences import listed
from radtex.transfer.sampling.by_chance import sentences_on_choices
from radtex.transfer.sampling.draws import FLOOR, what_a_budget_is
from radtex.transfer.sampling.experiment import Experiment

_REPEATS_FOR_AN_INTERVAL = 5


def flags(
    protocol: Protocol[Any],
    contestants: Sequence[Contestant],
    experiment: Experiment,
    scores: Mapping[str, Scores],
    record: Mapping[str, Any],
) -> list[str]:
    """Gather the sentences.

    Args:
        protocol: how the encoders were put to use.
        contestants: the encoders.
        experiment: what was measured.
        scores: of each contestant, by name.
        record: what is needed to repeat the experiment.
    """
    fits = {name: score.fits for name, score in scores.items()}
    encoders = without_priors(contestants)
    return [
        *_on_priors(experiment, scores, record),
        what_a_budget_is(experiment.design.sampling, experiment.design.prevalence),
        *_on_targets(experiment),
        *too_few_events(events_of(experiment)),
        *_on_draws(experiment),
        *sentences_on_choices(experiment.pool, experiment.test),
        *protocol.flags(fits, experiment),
        *_on_layers(layer_shares(contestants, fits)),
        *inequalities(encoders, record["image_size"]),
        *mismatches(encoders, {role: record[role] for role in ("pool", "test")}),
        *sentences_on_unchecked(record.get("unchecked_patients", ())),
        *near_duplicate_sentences(record.get("near_duplicates")),
        *sentences_on_films_seen(record.get("films_seen", {}), record["test"]["images"]),
        *reservations(encoders),
        *_on_the_family(contestants, record),
    ]


def _on_priors(
    experiment: Experiment, scores: Mapping[str, Scores], record: Mapping[str, Any]
) -> list[str]:
    prior = record.get("prior")
    if prior is None:
        return []
    sentences = [prior["in_words"]]
    if prior["without"]:
        sentences.append(
            "Without a prior stay "
            + listed(f"{name}, which {reason}" for name, reason in prior["without"].items())
        )
    lacking = [
        f"{name} {target} ({made_of['reason']})"
        for name, score in scores.items()
        if score.without_labels is not None
        for target, made_of in zip(experiment.targets, score.without_labels.facts, strict=True)
        if "reason" in made_of
    ]
    if lacking:
        sentences.append(
            "Targets whose prior knows nothing, so that their AUC without labels is 0.5: "
            + listed(lacking)
        )
    return sentences


def _on_layers(chosen: Mapping[str, Mapping[str, float]]) -> list[str]:
    if not chosen:
        return []
    return [
        "Share of draws that chose each layer, by the same folds as all else: "
        + listed(
            f"{name} " + ", ".join(f"{layer} {share:.0%}" for layer, share in shares.items())
            for name, shares in chosen.items()
        )
    ]


def _on_the_family(contestants: Sequence[Contestant], record: Mapping[str, Any]) -> list[str]:
    if not record["primary_family"] and sum(each.role != "floor" for each in contestants) > 1:
        return [
            "No comparison is primary, and no p value is adjusted: `--primary A:B` names encoders "
            "or roles (" + ", ".join(f"{each.name} {each.role}" for each in contestants) + ")."
        ]
    return apart(contestants)


def _on_targets(experiment: Experiment) -> list[str]:
    return [
        f"{name} is left out at every budget: {reason}."
        for name, reason in experiment.excluded.items()
    ]


def _on_draws(experiment: Experiment) -> list[str]:
    sentences = []
    if experiment.design.sampling == "shared":
        sentences.append(_definite_counts(experiment))
    forced = Counter(
        (experiment.targets[draw.target], draw.budget) for draw in experiment.draws if draw.forced
    )
    if forced:
        sentences.append(
            f"Forced draws: studies were exchanged to label at least {FLOOR} of each class: "
            + listed(
                f"{target} at {budget} ({count} of {experiment.design.repeats} repeats)"
                for (target, budget), count in forced.items()
            )
        )
    if experiment.overlapping:
        sentences.append(
            "Repeats overlap, because a draw takes this share of the pool's definite labels, of "
            "their scarcer class or of their patients: "
            + listed(
                f"{target} at {budget} {share:.0%}"
                for target, budget, share in experiment.overlapping
            )
        )
    nearly_all = [each for each in experiment.overlapping if each[2] > LARGEST_SHARE]
    if nearly_all:
        sentences.append(
            f"Draws of more than {LARGEST_SHARE:.0%} of the pool do not show how another pool "
            "would have differed, so these intervals may be too short: "
            + listed(f"{target} at {budget}" for target, budget, _ in nearly_all)
        )
    if experiment.design.repeats == 1:
        sentences.append(
            "There is one repeat: the intervals count the test patients and not the draw of labels."
        )
    elif experiment.design.repeats < _REPEATS_FOR_AN_INTERVAL:
        sentences.append(
            f"There are {experiment.design.repeats} repeats: with fewer than "
            f"{_REPEATS_FOR_AN_INTERVAL} the intervals may be too short."
        )
    return sentences


def _definite_counts(experiment: Experiment) -> str:
    largest = experiment.budgets[-1]
    counts: dict[str, list[int]] = {target: [] for target in experiment.targets}
    for draw in experiment.draws:
        if draw.budget == largest:
            counts[experiment.targets[draw.target]].append(len(draw.studies))
    return f"Definite labels among {largest} shared studies, mean over repeats: " + listed(
        f"{target} {np.mean(each):.0f}" for target, each in counts.items()
    )
