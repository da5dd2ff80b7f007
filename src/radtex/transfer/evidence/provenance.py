"""What is needed to repeat an experiment, fixed before scoring."""

import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from itertools import combinations
from typing import Any, Literal

import torch
from numpy import int64
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import LabelPolicy
from radtex.statistics.intervals import LEVEL
from radtex.transfer.contestants.contestant import Contestant, is_primary
from radtex.transfer.contestants.near_duplicates import NearDuplicates, near_duplicates
from radtex.transfer.design import Experiment
from radtex.transfer.protocols import finetune as recipe
from radtex.transfer.protocols.finetune import FinetuningOptions
from radtex.transfer.protocols.knn import COUNTS
from radtex.transfer.protocols.linear import STRENGTHS
from radtex.transfer.protocols.logistic import HOPELESS
from radtex.transfer.sampling.draws import FLOOR, TEST_FLOOR, what_a_budget_is
from radtex.transfer.sampling.folds import FOLDS

Selection = tuple[Corpus, NDArray[int64]]
"""A corpus and some of its rows."""

Protocol = Literal["linear", "finetune", "knn", "prototype"]


def record_of(
    protocol: Protocol,
    contestants: Sequence[Contestant],
    experiment: Experiment,
    pool: Selection,
    test: Selection,
    label_policy: LabelPolicy,
    options: FinetuningOptions,
) -> dict[str, Any]:
    """The `protocol` of `summary.json` (JSON values); `options` count where they are used."""
    return {
        "name": protocol,
        "sampling": experiment.sampling,
        "prevalence": experiment.prevalence,
        "budget": what_a_budget_is(experiment.sampling, experiment.prevalence),
        "targets": list(experiment.targets),
        "excluded": experiment.excluded,
        "budgets": list(experiment.budgets),
        "repeats": experiment.repeats,
        "seed": experiment.seed,
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
            {"target": target, "budget": budget} for target, budget in experiment.overlapping
        ],
        "primary_family": [
            {"a": a.name, "b": b.name} for a, b in combinations(contestants, 2) if is_primary(a, b)
        ],
        "adjustment": "Holm within the primary family, over its pairs and budgets",
        "level": LEVEL,
        "label_policy": {"name": label_policy.name, "description": label_policy.description},
        "least_labelled_of_a_class": FLOOR,
        "least_tested_of_a_class": TEST_FLOOR,
        **_settings(protocol, options),
        "image_size": pool[0].size,
        "pool": _selection_record(pool),
        "test": _selection_record(test),
        "near_duplicates": _near_duplicates(pool, test).record(),
        "encoders": [
            {
                "name": contestant.name,
                "role": contestant.role,
                "input_size": contestant.takes.size,
                "mean": contestant.takes.mean,
                "std": contestant.takes.std,
                "patients": len(contestant.patients),
                **contestant.description,
            }
            for contestant in contestants
        ],
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("radtex", "torch", "numpy", "scipy", "timm")},
        "threads": torch.get_num_threads(),
    }


def _settings(protocol: Protocol, options: FinetuningOptions) -> dict[str, Any]:
    """What a protocol fixes beside the draws."""
    match protocol:
        case "linear":
            return {"folds": FOLDS, "strengths": list(STRENGTHS), "abandoned_above": HOPELESS}
        case "knn":
            return {"folds": FOLDS, "neighbours": list(COUNTS)}
        case "prototype":
            return {}
        case "finetune":
            return {
                "finetuning": {
                    **asdict(options),
                    "batch": recipe.BATCH,
                    "layer_decay": recipe.LAYER_DECAY,
                    "weight_decay": recipe.WEIGHT_DECAY,
                    "warmup": recipe.WARMUP,
                    "checks": recipe.CHECKS,
                    "patience": recipe.PATIENCE,
                    "augmentation": asdict(recipe.AUGMENTATION),
                    "batch_norm": "statistics of the labelled studies' images, frozen",
                }
            }


def _near_duplicates(pool: Selection, test: Selection) -> NearDuplicates:
    ids = [corpus.index["image_id"].iloc[own].tolist() for corpus, own in (pool, test)]
    return near_duplicates((pool[0].images, test[0].images), (pool[1], test[1]), (ids[0], ids[1]))


def _selection_record(selection: Selection) -> dict[str, Any]:
    corpus, rows = selection
    return {
        "corpus": str(corpus.path),
        "content_hash": corpus.content_hash,
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
