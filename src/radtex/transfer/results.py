"""The few-label protocols from images to results, by their rules."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from typing import Protocol as Structural

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

from radtex.compute.devices import compute_device
from radtex.corpus.label_policies import LabelPolicy
from radtex.errors import ProtocolError
from radtex.statistics.intervals import Estimate, estimate, holm
from radtex.transfer.contestants.contestant import Contestant, is_primary, refuse_equal_names
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.contestants.leave_target_out import choose, members_of_targets
from radtex.transfer.design import (
    Experiment,
    Scores,
    measure,
    measure_finetuned,
    measure_neighbours,
    measure_prototypes,
    plan,
)
from radtex.transfer.evidence.flags import flags
from radtex.transfer.evidence.provenance import Protocol, Selection, record_of
from radtex.transfer.measures.classifier_results import ClassifierResults, classifier_results
from radtex.transfer.measures.label_efficiency import LabelEfficiency, label_efficiency
from radtex.transfer.protocols.finetune import FinetuningOptions
from radtex.transfer.protocols.knn import COUNTS
from radtex.transfer.protocols.linear import STRENGTHS, Probes
from radtex.transfer.protocols.sweep import sweep
from radtex.transfer.sampling.draws import Prevalence, Sampling
from radtex.transfer.sampling.studies import studies_of

_log = logging.getLogger(__name__)


class Keeping(Structural):
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
    """The share of probes that chose each value of C, by encoder; {} but for linear."""
    paired: tuple[PairedDifference, ...]
    flags: tuple[str, ...]
    """What a reader must know beside the numbers, in sentences."""
    neighbours: dict[str, dict[str, float]] = field(default_factory=dict)
    """The share of draws that chose each number of neighbours, by encoder; {} but for knn."""
    label_efficiency: tuple[LabelEfficiency, ...] = ()
    """What each rival needs to reach each RadTex contestant."""
    classifiers: dict[str, ClassifierResults] = field(default_factory=dict)
    """Calibration, operating points and subgroups, by encoder."""


def run_protocol(
    protocol: Protocol,
    contestants: Sequence[Contestant],
    pool: Selection,
    test: Selection,
    targets: Sequence[str],
    budgets: Sequence[int],
    repeats: int,
    label_policy: LabelPolicy,
    seed: int,
    *,
    sampling: Sampling = "per-target",
    prevalence: Prevalence = "natural",
    finetuning: FinetuningOptions | None = None,
    fits: Path | None = None,
    workers: int | None = None,
    keeper: Keeping | None = None,
) -> Results:
    """Put encoders to use with few labels from `pool`, and score them once on `test`.

    Args:
        protocol: `linear`, `knn` and `prototype` leave an encoder as it is; `finetune` trains a
            copy of it on each draw.
        finetuning: of the finetune protocol.
        fits: a folder where a sweep of fine-tuning keeps what is finished, so that it can go on.
        workers: processes of such a sweep; all cores by default.
        keeper: is given the linear probes of each contestant and the features of its images.

    Raises `ProtocolError` where patients are on both sides of a boundary, names or budgets are
    given twice, a budget is larger than the pool, no target can be served, features or losses are
    not finite, or `fits` belongs to another sweep; `CorpusError` for targets that a corpus does
    not have.
    """
    options = finetuning or FinetuningOptions()
    options.check()
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
        sampling,
        prevalence,
    )
    record = record_of(protocol, contestants, experiment, pool, test, label_policy, options)
    primary = [f"{pair['a']} − {pair['b']}" for pair in record["primary_family"]]
    _log.info(
        "fixed before scoring: primary family %s at %s labels, Holm; targets: %d, repeats: %d",
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

    alone = [member for each in contestants for member in (each.members or (each,))]
    if protocol == "finetune":
        # How many threads run changes no score, so a sweep may go on with another number.
        about = {name: value for name, value in record.items() if name != "threads"}
        with TemporaryDirectory() as temporary:
            folder = fits or Path(temporary)
            tuned = sweep(alone, experiment, pool, test, options, about, folder, workers)
        measured = iter([measure_finetuned(experiment, *each) for each in tuned])
    else:
        measured = _measured_on_features(protocol, alone, experiment, pool, test, keeper)
    scores = {}
    for contestant in contestants:
        if contestant.members:
            of_members = [next(measured) for _ in contestant.members]
            scores[contestant.name] = choose(experiment, of_members, members[contestant.name])
        else:
            scores[contestant.name] = next(measured)
    return conclude(contestants, experiment, scores, record)


def _measured_on_features(
    protocol: Literal["linear", "knn", "prototype"],
    contestants: Sequence[Contestant],
    experiment: Experiment,
    pool: Selection,
    test: Selection,
    keeper: Keeping | None,
) -> Iterator[Scores]:
    device = compute_device()
    for contestant in contestants:
        contestant.encoder.to(device)
        of_pool, of_test = (
            pooled_features(contestant, corpus.images, rows) for corpus, rows in (pool, test)
        )
        pool_features = experiment.pool.average(of_pool)
        test_features = experiment.test.average(of_test)
        match protocol:
            case "linear":
                scores = measure(experiment, pool_features, test_features, contestant.name)
                if keeper is not None and scores.probes is not None:
                    keeper.take(contestant, experiment, scores.probes, of_pool, of_test)
                yield scores
            case "knn":
                yield measure_neighbours(experiment, pool_features, test_features, contestant.name)
            case "prototype":
                yield measure_prototypes(experiment, pool_features, test_features, contestant.name)


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
            [_rows(record["name"], experiment, name, score) for name, score in scores.items()],
            ignore_index=True,
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
            name: _shares(score.probes.choices, STRENGTHS)
            for name, score in scores.items()
            if score.probes
        },
        paired=_compare(contestants, experiment, scores),
        flags=tuple(flags(contestants, experiment, scores, record)),
        neighbours={
            name: _shares(score.neighbours.choices, COUNTS)
            for name, score in scores.items()
            if score.neighbours
        },
        label_efficiency=label_efficiency(contestants, experiment, scores),
        classifiers=classifier_results(experiment, scores),
    )


def _shares(choices: NDArray[np.int64], values: Sequence[float]) -> dict[str, float]:
    return {f"{value:g}": float(np.mean(choices == place)) for place, value in enumerate(values)}


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


def _rows(protocol: str, experiment: Experiment, name: str, scores: Scores) -> pd.DataFrame:
    definite = (~np.isnan(experiment.test.labels)).sum(0)
    return pd.DataFrame(
        {
            "encoder": name,
            "protocol": protocol,
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
