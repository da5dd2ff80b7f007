"""All that a validation says, before it becomes a page or JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from scipy.special import expit

from radtex.classifiers.card_scores import TargetScores, score_target
from radtex.classifiers.classifier import Classifier
from radtex.classifiers.validating.drift import Drift
from radtex.classifiers.validating.predictive_values import (
    PredictiveValues,
    difference,
    predictive_values,
)
from radtex.classifiers.validating.refit import Refit
from radtex.classifiers.validating.site import Site
from radtex.statistics.intervals import Interval
from radtex.statistics.thresholds import OperatingPoint
from radtex.transfer.results import Results

POINTS: tuple[OperatingPoint, ...] = get_args(OperatingPoint)


@dataclass(frozen=True)
class Compared:
    """One measure here and in the classifier's card."""

    target: str
    """What it was measured on."""
    measure: str
    """Its name."""
    here: Interval
    """On the site."""
    card: Interval
    """On the test that the card tells of."""

    @property
    def difference(self) -> Interval:
        """The site minus the card; their patients are others, so both intervals count."""
        return difference(self.here, self.card)


@dataclass(frozen=True)
class Worth:
    """Predictive values of one target at one point."""

    target: str
    """Its name."""
    point: OperatingPoint
    """Which threshold."""
    prevalence: float
    """Share of studies with the finding."""
    of_site: bool
    """Whether that is the site's own."""
    values: PredictiveValues
    """What a yes and a no are worth there."""


@dataclass(frozen=True)
class External:
    """A classifier on a site."""

    name: str
    """Of the classifier's encoder."""
    results: Results
    """As the sections of the evidence page take them."""
    scores: Mapping[str, TargetScores]
    """By target, with the kept thresholds."""
    compared: Sequence[Compared]
    """Each measure beside the card's."""
    worth: Sequence[Worth]
    """Predictive values."""
    drift: Drift
    """How unlike the site's films are."""
    card_refused: Interval
    """Share of its own test that the classifier abstains on."""
    refits: Sequence[Refit]
    """Calibrations on the site's labels; empty where none were asked for."""
    flags: Sequence[str]
    """What a reader must know, in sentences."""
    patients: int
    """Of the site."""
    images: int
    """Of the site."""

    def __repr__(self) -> str:
        """Say in a line what was tried, and nothing of any patient."""
        return f"<External: {self.name} on {', '.join(self.scores)}; {self.images:,} images>"


def target_scores(classifier: Classifier, site: Site) -> dict[str, TargetScores]:
    """Score each target as its card does."""
    found = {}
    for column, (target, place) in enumerate(zip(site.targets, site.places, strict=True)):
        labels = site.studies.labels[:, column]
        definite = np.flatnonzero(~np.isnan(labels))
        found[target] = score_target(
            expit(site.logits[definite, column]),
            labels[definite] == 1,
            site.studies.patients[definite],
            classifier.targets[place].thresholds,
        )
    return found


def compare(scores: Mapping[str, TargetScores], facts: Mapping[str, Any]) -> tuple[Compared, ...]:
    """Put each measure beside the one that the card tells."""
    cards = {each["name"]: each["test"] for each in facts["targets"]}
    compared = []
    for target, here in scores.items():
        card = cards[target]
        compared += [
            Compared(target, "AUC", here.auc, _interval(card["auc"])),
            Compared(target, "Brier score", here.brier, _interval(card["brier"])),
        ]
        for point in POINTS:
            compared += [
                Compared(
                    target,
                    f"{measure} at {point}",
                    getattr(here, measure)[point],
                    _interval(card[measure][point]),
                )
                for measure in ("sensitivity", "specificity")
            ]
    return tuple(compared)


def predictive_worth(
    scores: Mapping[str, TargetScores], prevalences: Sequence[float]
) -> tuple[Worth, ...]:
    """Tell predictive values at the site's prevalence, and at those that are given."""
    return tuple(
        Worth(
            target,
            point,
            prevalence,
            of_site,
            predictive_values(each.sensitivity[point], each.specificity[point], prevalence),
        )
        for target, each in scores.items()
        for point in POINTS
        for prevalence, of_site in (
            (each.positive / each.studies, True),
            *((given, False) for given in prevalences),
        )
    )


def _interval(values: Mapping[str, float]) -> Interval:
    return Interval(values["value"], values["low"], values["high"])
