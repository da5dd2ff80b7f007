"""The linear protocol from images to results, by its rules."""

import logging
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import combinations
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.corpus.labels import LabelPolicy
from radtex.errors import ProtocolError
from radtex.transfer.classifier_results import ClassifierResults, classifier_results
from radtex.transfer.contestants import Contestant, is_primary, refuse_equal_names
from radtex.transfer.experiment import Experiment, Scores, measure, plan
from radtex.transfer.features import pooled_features
from radtex.transfer.flags import flags
from radtex.transfer.folds import FOLDS
from radtex.transfer.label_efficiency import LabelEfficiency, label_efficiency
from radtex.transfer.leave_target_out import choose, members_of_targets
from radtex.transfer.logistic import HOPELESS
from radtex.transfer.probes import STRENGTHS, Probes
from radtex.transfer.sampling import FLOOR, TEST_FLOOR
from radtex.transfer.statistics import LEVEL, Estimate, estimate, holm
from radtex.transfer.studies import studies_of

_log = logging.getLogger(__name__)

Selection = tuple[Corpus, NDArray[np.int64]]
"""A corpus and some of its rows."""


class Keeping(Protocol):
    """Who is shown what a contestant came to, while its features are there: `keeping.Keeper`."""

    def refuse(self, contestants: Sequence[Contestant]) -> None: ...

    def take(
        self,
        contestant: Contestant,
        experiment: Experiment,
        probes: Probes,
        pool: Tensor,
        test: Tensor,
    ) -> None: ...


@dataclass(frozen=True)
class PairedDifference:
    """Mean AUC of encoder `a` minus that of `b` at one budget, on the same draws and patients."""

    a: str
    b: str
    budget: int
    estimate: Estimate
    p_holm: float | None
    """Adjusted within the primary family; None for a secondary comparison."""


@dataclass(frozen=True)
class Results:
    """All that an experiment says."""

    protocol: dict[str, Any]
    """What is needed to repeat it, fixed before scoring (JSON values)."""
    scores: pd.DataFrame
    """A row per encoder, target, budget and repeat: the columns of `results.csv`."""
    mean_auc: dict[str, dict[int, Estimate]]
    """The mean over targets, by encoder and budget."""
    target_auc: dict[str, dict[str, dict[int, Estimate]]]
    """By encoder, target and budget."""
    strengths: dict[str, dict[str, float]]
    """The share of probes that chose each value of C, by encoder."""
    paired: tuple[PairedDifference, ...]
    flags: tuple[str, ...]
    """What a reader must know beside the numbers, in sentences."""
    label_efficiency: tuple[LabelEfficiency, ...] = ()
    """What each rival needs to reach each RadTex contestant."""
    classifiers: dict[str, ClassifierResults] = field(default_factory=dict)
    """Calibration, operating points and subgroups, by encoder."""


def run_linear(
    contestants: Sequence[Contestant],
    pool: Selection,
    test: Selection,
    targets: Sequence[str],
    budgets: Sequence[int],
    repeats: int,
    label_policy: LabelPolicy,
    seed: int,
    keeper: Keeping | None = None,
) -> Results:
    """Probe frozen encoders with few labels from `pool`, and score them once on `test`.

    `keeper` is given the probes of each contestant and the features of its images.

    Raises `ProtocolError` where patients are on both sides of a boundary, names or budgets are
    given twice, a budget is larger than the pool, no target can be served, or features are not
    finite; `CorpusError` for targets that a corpus does not have.
    """
    refuse_equal_names(contestants)
    if keeper is not None:
        keeper.refuse(contestants)
    _refuse_leaks(contestants, pool, test)
    if pool[0].size != test[0].size:
        raise ProtocolError(
            f"the pool's images are {pool[0].size} px wide and the test's {test[0].size} px; "
            "build both corpora with one --size"
        )
    experiment = plan(
        studies_of(*pool, targets, label_policy),
        studies_of(*test, targets, label_policy),
        targets,
        budgets,
        repeats,
        seed,
    )
    record = _record(contestants, experiment, pool, test, label_policy)
    primary = [f"{pair['a']} − {pair['b']}" for pair in record["primary_family"]]
    _log.info(
        "fixed before scoring: primary family %s at %s labels, Holm; %d targets, %d repeats",
        ", ".join(primary) or "none",
        "/".join(map(str, experiment.budgets)),
        len(experiment.targets),
        experiment.repeats,
    )
    members = {
        contestant.name: members_of_targets(contestant, experiment.targets)
        for contestant in contestants
        if contestant.members
    }

    def scores_of(contestant: Contestant) -> Scores:
        if contestant.members:
            alone = [scores_of(member) for member in contestant.members]
            return choose(experiment, alone, members[contestant.name])
        of_pool, of_test = (
            pooled_features(contestant, corpus.images, rows) for corpus, rows in (pool, test)
        )
        scores = measure(
            experiment,
            experiment.pool.average(of_pool),
            experiment.test.average(of_test),
            contestant.name,
        )
        if keeper is not None:
            keeper.take(contestant, experiment, scores.probes, of_pool, of_test)
        return scores

    scores = {contestant.name: scores_of(contestant) for contestant in contestants}
    return conclude(contestants, experiment, scores, record)


def conclude(
    contestants: Sequence[Contestant],
    experiment: Experiment,
    scores: dict[str, Scores],
    record: dict[str, Any],
) -> Results:
    """Turn the scores of each contestant, by name, into estimates and comparisons."""
    return Results(
        protocol=record,
        scores=pd.concat(
            [_rows(experiment, name, score) for name, score in scores.items()], ignore_index=True
        ),
        mean_auc={
            name: _by_budget(experiment, score.auc.mean(0), score.influence.mean(0))
            for name, score in scores.items()
        },
        target_auc={
            name: {
                target: _by_budget(experiment, score.auc[place], score.influence[place])
                for place, target in enumerate(experiment.targets)
            }
            for name, score in scores.items()
        },
        strengths={
            name: {
                f"{strength:g}": float(np.mean(score.probes.choices == place))
                for place, strength in enumerate(STRENGTHS)
            }
            for name, score in scores.items()
        },
        paired=_compare(contestants, experiment, scores),
        flags=tuple(flags(contestants, experiment, scores, record)),
        label_efficiency=label_efficiency(contestants, experiment, scores),
        classifiers=classifier_results(experiment, scores),
    )


def _refuse_leaks(contestants: Sequence[Contestant], pool: Selection, test: Selection) -> None:
    pool_patients, test_patients = (
        frozenset(corpus.patient_hashes()[rows]) for corpus, rows in (pool, test)
    )
    pairs = [("the pool", pool_patients, "the test", test_patients)]
    for contestant in contestants:
        trained = f"the training of {contestant.name}"
        pairs.append((trained, contestant.patients, "the pool", pool_patients))
        pairs.append((trained, contestant.patients, "the test", test_patients))
    for one, its_patients, other, other_patients in pairs:
        shared = len(its_patients & other_patients)
        if shared:
            raise ProtocolError(
                f"{shared} patients are both in {one} and in {other}; "
                "choose splits that share no patient"
            )


def _by_budget(
    experiment: Experiment, auc: NDArray[np.float64], influence: NDArray[np.float64]
) -> dict[int, Estimate]:
    """Estimates, within 0 to 1, of an AUC (R, B) with its influence (B, P)."""
    estimates = {}
    for place, budget in enumerate(experiment.budgets):
        value = estimate(auc[:, place], influence[place])
        estimates[budget] = replace(value, low=max(value.low, 0.0), high=min(value.high, 1.0))
    return estimates


def _rows(experiment: Experiment, name: str, scores: Scores) -> pd.DataFrame:
    definite = (~np.isnan(experiment.test.labels)).sum(0)
    return pd.DataFrame(
        {
            "encoder": name,
            "protocol": "linear",
            "target": [experiment.targets[draw.target] for draw in experiment.draws],
            "budget": [draw.budget for draw in experiment.draws],
            "repeat": [draw.repeat for draw in experiment.draws],
            "auc": scores.auc.reshape(-1),
            "n_labelled": [len(draw.studies) for draw in experiment.draws],
            "n_positive": [int(draw.positive.sum()) for draw in experiment.draws],
            "n_test": [int(definite[draw.target]) for draw in experiment.draws],
        }
    )


def _compare(
    contestants: Sequence[Contestant], experiment: Experiment, scores: dict[str, Scores]
) -> tuple[PairedDifference, ...]:
    pairs = [
        (a, b, place, budget)
        for a, b in combinations(contestants, 2)
        for place, budget in enumerate(experiment.budgets)
    ]
    repeats = {name: score.auc.mean(0) for name, score in scores.items()}
    influence = {name: score.influence.mean(0) for name, score in scores.items()}
    estimates = [
        estimate(
            repeats[a.name][:, place] - repeats[b.name][:, place],
            influence[a.name][place] - influence[b.name][place],
        )
        for a, b, place, _ in pairs
    ]
    primary = [number for number, (a, b, _, _) in enumerate(pairs) if is_primary(a, b)]
    adjusted = dict(zip(primary, holm([estimates[number].p for number in primary]), strict=True))
    return tuple(
        PairedDifference(a.name, b.name, budget, estimates[number], adjusted.get(number))
        for number, (a, b, _, budget) in enumerate(pairs)
    )


def _record(
    contestants: Sequence[Contestant],
    experiment: Experiment,
    pool: Selection,
    test: Selection,
    label_policy: LabelPolicy,
) -> dict[str, Any]:
    return {
        "name": "linear",
        "sampling": "per-target",
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
        "folds": FOLDS,
        "strengths": list(STRENGTHS),
        "abandoned_above": HOPELESS,
        "image_size": pool[0].size,
        "pool": _selection_record(pool),
        "test": _selection_record(test),
        "encoders": [
            {
                "name": contestant.name,
                "role": contestant.role,
                "input_size": contestant.input_size,
                "mean": contestant.mean,
                "std": contestant.std,
                "patients": len(contestant.patients),
                **contestant.description,
            }
            for contestant in contestants
        ],
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("radtex", "torch", "numpy", "scipy", "timm")},
        "threads": torch.get_num_threads(),
    }


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
        "images": len(rows),
        "patients": len(set(corpus.patients[rows])),
    }
