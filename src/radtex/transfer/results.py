"""All that an experiment says: estimates, comparisons, and what to know beside them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from radtex.statistics.crossed import Crossed, crossed_estimates
from radtex.statistics.intervals import Estimate, holm
from radtex.transfer.contestants.contestant import Contestant, of_the_same_runs
from radtex.transfer.contestants.layers import layer_shares
from radtex.transfer.measures.classifier_measures import ClassifierResults, classifier_results
from radtex.transfer.measures.events import Events, events_of
from radtex.transfer.measures.label_efficiency import LabelEfficiency, label_efficiency
from radtex.transfer.measures.measured import within
from radtex.transfer.measures.scores import Scores
from radtex.transfer.protocols.protocol import Protocol
from radtex.transfer.sampling.experiment import Experiment


@dataclass(frozen=True)
class PairedDifference:
    """Mean AUC of encoder `a` minus that of `b` at one budget, on the same draws and patients."""

    a: str
    """The name of one encoder."""
    b: str
    """The name of the other."""
    budget: int
    """Labelled studies per target; 0 for two priors alone."""
    estimate: Estimate
    """The difference with its 95 % interval."""
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
    """The mean over targets, by encoder and budget; of those with a prior at 0 labels too, with an
    interval over test patients (and seeds) alone."""
    target_auc: dict[str, dict[str, dict[int, Estimate]]]
    """By encoder, target and budget, alike."""
    paired: tuple[PairedDifference, ...]
    """Each two encoders at each budget."""
    flags: tuple[str, ...]
    """What a reader must know beside the numbers, in sentences."""
    chosen: dict[str, Any] = field(default_factory=dict)
    """What the protocol adds to `summary.json`, such as the values that its draws chose."""
    label_efficiency: tuple[LabelEfficiency, ...] = ()
    """What each rival needs to reach each RadTex contestant."""
    classifiers: dict[str, ClassifierResults] = field(default_factory=dict)
    """Calibration, operating points and subgroups, by encoder."""
    events: tuple[Events, ...] = ()
    """What the test holds of each target."""
    rows_of_studies: tuple[int, ...] = ()
    """Of each test study, the row of its first image in the index of the test's corpus."""
    films: dict[int, bytes] = field(default_factory=dict)
    """Small pictures (PNG) of missed studies, by study; empty unless they may be shown."""
    of_one_classifier: bool = False
    """Whether they are of one kept classifier, whose intervals count patients alone."""

    def __repr__(self) -> str:
        """Say in a line who was compared on what, and nothing of any study."""
        names, targets = ", ".join(self.mean_auc), ", ".join(self.protocol.get("targets", ()))
        return f"<Results: {names} on {targets}; {len(self.scores):,} scores>"


def conclude(
    protocol: Protocol[Any],
    contestants: Sequence[Contestant],
    experiment: Experiment,
    scores: Mapping[str, Scores],
    record: dict[str, Any],
    flags: Sequence[str],
) -> Results:
    """Turn scores into estimates and comparisons.

    Args:
        protocol: how the scores were reached.
        contestants: who is compared.
        experiment: what they were measured in.
        scores: of each contestant, by name.
        record: what is needed to repeat the experiment (JSON values).
        flags: sentences beside the numbers.
    """
    fits = {name: score.fits for name, score in scores.items()}
    reached = {name: mean_and_target_auc(experiment, score) for name, score in scores.items()}
    return Results(
        protocol=record,
        scores=pd.concat(
            [_rows(protocol.name, experiment, name, score) for name, score in scores.items()],
            ignore_index=True,
        ),
        mean_auc={name: mean for name, (mean, _) in reached.items()},
        target_auc={name: by_target for name, (_, by_target) in reached.items()},
        paired=_compare(
            contestants,
            experiment,
            scores,
            {(pair["a"], pair["b"]) for pair in record["primary_family"]},
        ),
        flags=tuple(flags),
        chosen=protocol.summary(fits)
        | {"layers": layer_shares(contestants, fits)}
        | _priors_made_of(experiment, scores),
        label_efficiency=label_efficiency(contestants, experiment, scores),
        classifiers={
            name: classifier_results(experiment, score.measures)
            for name, score in scores.items()
            if score.measures
        },
        events=events_of(experiment),
    )


def _priors_made_of(experiment: Experiment, scores: Mapping[str, Scores]) -> dict[str, Any]:
    """By contestant and target, what its prior was made of; nothing where none has one."""
    made_of = {
        name: dict(zip(experiment.targets, score.without_labels.facts, strict=True))
        for name, score in scores.items()
        if score.without_labels is not None
    }
    return {"priors": made_of} if made_of else {}


def mean_and_target_auc(
    experiment: Experiment, score: Scores
) -> tuple[dict[int, Estimate], dict[str, dict[int, Estimate]]]:
    """Estimate one encoder's AUC: the mean over targets by budget, and by target and budget."""
    return _without_labels(score) | _by_budget(experiment, score.crossed(experiment)), {
        target: _without_labels(score, place)
        | _by_budget(experiment, score.crossed(experiment, place))
        for place, target in enumerate(experiment.targets)
    }


def _by_budget(experiment: Experiment, auc: Crossed) -> dict[int, Estimate]:
    """Estimates, within 0 to 1, of an AUC at each budget."""
    return dict(zip(experiment.budgets, map(within, crossed_estimates([auc])), strict=True))


def _without_labels(scores: Scores, target: int | None = None) -> dict[int, Estimate]:
    """The estimate of a prior alone at 0 labels; nothing where there is none."""
    alone = scores.crossed_without_labels(target)
    return {} if alone is None else {0: within(crossed_estimates([alone])[0])}


def _rows(protocol: str, experiment: Experiment, name: str, scores: Scores) -> pd.DataFrame:
    definite = (~np.isnan(experiment.test.labels)).sum(0)
    alone = scores.without_labels
    rows = pd.DataFrame(
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
    if alone is None:
        return rows
    at_zero = pd.DataFrame(
        {
            "encoder": name,
            "protocol": protocol,
            "target": experiment.targets,
            "budget": 0,
            "repeat": 0,
            "auc": alone.auc,
            "n_labelled": 0,
            "n_positive": 0,
            "n_test": definite,
        }
    )
    return pd.concat([at_zero, rows], ignore_index=True)


def _compare(
    contestants: Sequence[Contestant],
    experiment: Experiment,
    scores: Mapping[str, Scores],
    family: Collection[tuple[str, str]],
) -> tuple[PairedDifference, ...]:
    crossed = {name: score.crossed(experiment) for name, score in scores.items()}
    compared = [
        (a, b, budget, estimate)
        for a, b in combinations(contestants, 2)
        for budget, estimate in zip(
            experiment.budgets,
            crossed_estimates(
                crossed[a.name].minus(crossed[b.name], same_seeds=of_the_same_runs(a, b))
            ),
            strict=True,
        )
    ]
    primary = [number for number, (a, b, *_) in enumerate(compared) if (a.name, b.name) in family]
    compared += _of_priors(contestants, scores)
    adjusted = dict(zip(primary, holm([compared[number][-1].p for number in primary]), strict=True))
    return tuple(
        PairedDifference(a.name, b.name, budget, estimate, adjusted.get(number))
        for number, (a, b, budget, estimate) in enumerate(compared)
    )


def _of_priors(
    contestants: Sequence[Contestant], scores: Mapping[str, Scores]
) -> list[tuple[Contestant, Contestant, int, Estimate]]:
    """Compare each two priors at 0 labels."""
    alone = {name: score.crossed_without_labels() for name, score in scores.items()}
    found = []
    for a, b in combinations(contestants, 2):
        one, other = alone[a.name], alone[b.name]
        if one is not None and other is not None:
            summands = one.minus(other, same_seeds=of_the_same_runs(a, b))
            found.append((a, b, 0, crossed_estimates(summands)[0]))
    return found
