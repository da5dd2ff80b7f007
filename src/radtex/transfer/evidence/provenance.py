"""What is needed to repeat an experiment, fixed before scoring."""

import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import torch

from radtex.corpus.label_policies import label_policy, policy_of_test
from radtex.statistics.intervals import LEVEL
from radtex.transfer.code_version import PROTOCOL_VERSION
from radtex.transfer.contestants.contestant import Contestant, without_priors
from radtex.transfer.contestants.near_duplicates import NearDuplicates, films_seen, near_duplicates
from radtex.transfer.protocols.protocol import Protocol
from radtex.transfer.sampling.draws import FLOOR, what_a_budget_is
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.studies import Selection


def record_of(
    protocol: Protocol[Any],
    contestants: Sequence[Contestant],
    experiment: Experiment,
    pool: Selection,
    test: Selection,
    primary: Sequence[tuple[str, str]],
    unchecked: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Return the `protocol` of `summary.json` (JSON values).

    Args:
        protocol: how the encoders are put to use.
        contestants: the encoders.
        experiment: what is measured.
        pool: the corpus and rows that its pool was gathered from.
        test: the same of its test.
        primary: the names of each pair of the primary family.
        unchecked: who could not be compared with whom, with `encoder`, `roles` and `reason`.
    """
    design = experiment.design
    policy = label_policy(design.label_policy)
    encoders = without_priors(contestants)
    tested_by = policy_of_test(design.test_label_policy, policy)
    return {
        "protocol_version": PROTOCOL_VERSION,
        "name": protocol.name,
        "sampling": design.sampling,
        "prevalence": design.prevalence,
        "budget": what_a_budget_is(design.sampling, design.prevalence),
        "targets": list(experiment.targets),
        "excluded": experiment.excluded,
        "budgets": list(experiment.budgets),
        "repeats": design.repeats,
        "seed": design.seed,
        "forced_draws": [
            {
                "target": experiment.targets[draw.target],
                "budget": draw.budget,
                "repeat": draw.repeat,
            }
            for draw in experiment.draws
            if draw.forced
        ],
        "overlapping_repeats": [
            {"target": target, "budget": budget, "share": share}
            for target, budget, share in experiment.overlapping
        ],
        "primary_family": [{"a": a, "b": b} for a, b in primary],
        "adjustment": "Holm within the primary family, over its pairs and budgets",
        "level": LEVEL,
        "label_sources": list(design.label_sources),
        "label_policy": {"name": policy.name, "description": policy.description},
        "test_label_policy": {"name": tested_by.name, "description": tested_by.description},
        "least_labelled_of_a_class": FLOOR,
        "least_tested_of_a_class": design.test_patients,
        "tested_are_counted_in": "patients",
        **protocol.settings(),
        **_priors(protocol, contestants),
        "image_size": pool[0].size,
        "pool": _selection_record(pool),
        "test": _selection_record(test),
        "near_duplicates": _near_duplicates(pool, test).record(),
        "unchecked_patients": list(unchecked),
        "films_seen": films_seen(encoders, (test[0].images, test[1])),
        "encoders": [
            {
                "name": contestant.name,
                "role": contestant.role,
                "input_size": contestant.takes.size,
                "mean": contestant.takes.mean,
                "std": contestant.takes.std,
                "patients": len(contestant.patients),
                **({} if contestant.prior is None else {"prior": contestant.prior}),
                **contestant.description,
            }
            for contestant in contestants
        ],
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("radtex", "torch", "numpy", "scipy", "timm")},
        "threads": torch.get_num_threads(),
    }


def _priors(protocol: Protocol[Any], contestants: Sequence[Contestant]) -> dict[str, Any]:
    """Where priors come from, who has one, and who has none and why."""
    source = protocol.prior
    if source is None:
        return {}
    begun = [contestant.name for contestant in contestants if contestant.prior is not None]
    refusals = {each.name: source.refusal(each) for each in without_priors(contestants)}
    return {
        "prior": {
            **protocol.settings()["prior"],
            "given_to": begun,
            "without": {name: reason for name, reason in refusals.items() if reason},
            "in_words": source.sentence(begun),
        }
    }


def _near_duplicates(pool: Selection, test: Selection) -> NearDuplicates:
    # Evidence is handed on, and an image id may be a file's name or a patient's.
    places = [[f"row {row}" for row in own.tolist()] for _, own in (pool, test)]
    return near_duplicates(
        (pool[0].images, test[0].images), (pool[1], test[1]), (places[0], places[1])
    )


def _selection_record(selection: Selection) -> dict[str, Any]:
    corpus, rows = selection
    return {
        "corpus": str(corpus.path),
        "content_hash": corpus.content_hash,
        **({"labels_hash": corpus.labels_hash} if corpus.journal.standing else {}),
        "splits": sorted(corpus.index["split"].iloc[rows].unique().tolist()),
        "fit": corpus.preprocessing.fit,
        "intensity": corpus.preprocessing.intensity,
        "shares_patients_with": corpus.info["source"].get("shares_patients_with", []),
        "flow": [
            {key: step[key] for key in ("step", "rows", "reason") if key in step}
            for step in corpus.info.get("flow", [])
        ],
        "namespaces": sorted(set(corpus.index["patient_namespace"].iloc[rows])),
        "images": len(rows),
        "patients": len(set(corpus.patients[rows])),
    }
