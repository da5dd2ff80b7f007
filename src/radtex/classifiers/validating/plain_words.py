"""A validation in one paragraph of plain words, for who decides whether a classifier is used."""

import math
from collections.abc import Sequence

import numpy as np

from radtex.classifiers.validating.external import Compared, External

_TOLD = ((0.9, "easily"), (0.7, "often"), (0.0, "hardly"))
"""From which AUC on the source of a film is said to be told how well."""


def in_plain_words(external: External) -> str:
    """Say what was found, in words that need no training in statistics."""
    return " ".join(
        part
        for part in (
            _what(external),
            _ranking(external),
            _errors(external),
            _yeses(external),
            _probabilities(external),
            _films(external),
            _refitting(external),
            "These numbers are of the films tried here. They do not show that patients are better "
            "off with the classifier. It is for research, is no medical device, and replaces no "
            "radiologist.",
        )
        if part
    )


def _what(external: External) -> str:
    findings = ", ".join(external.scores)
    return (
        f"A computer program that was made elsewhere looked at {external.images:,} chest "
        f"radiographs of {external.patients:,} patients here, and gave for each film a probability "
        f"of each of these findings: {findings}. Its answers were compared with labels that it had "
        "never seen."
    )


def _ranking(external: External) -> str:
    of_auc = [each for each in external.compared if each.measure == "AUC"]
    mean_here = np.mean([each.here.value for each in of_auc])
    mean_card = np.mean([each.card.value for each in of_auc])
    said = (
        "Of two films, one with a finding and one without, it gave the higher probability to the "
        f"one with it in {mean_here:.0%} of pairs (50% would be chance; where it was made, "
        f"{mean_card:.0%})."
    )
    worse = [each.target for each in of_auc if each.difference.high < 0]
    better = [each.target for each in of_auc if each.difference.low > 0]
    unsure = [each.target for each in of_auc if each.here.low <= 0.5]
    if worse:
        said += f" It is worse here than there for {', '.join(worse)}."
    if better:
        said += f" It is better here for {', '.join(better)}."
    if not worse and not better:
        said += " No difference between here and there is larger than chance may explain."
    if unsure:
        said += f" For {', '.join(unsure)} it may be no better than chance."
    return said


def _errors(external: External) -> str:
    sensitivity = _at_youden(external.compared, "sensitivity")
    specificity = _at_youden(external.compared, "specificity")
    most = min(sensitivity, key=lambda each: each.here.value)
    return (
        f"With its usual threshold it missed {_of_100(sensitivity)} of 100 films with a finding, "
        f"and raised a false alarm on {_of_100(specificity)} of 100 films without it (means over "
        f"findings). It missed most of {most.target}: {100 * (1 - most.here.value):.0f} of 100 "
        f"(other films of this place might give anything from {100 * (1 - most.here.high):.0f} to "
        f"{100 * (1 - most.here.low):.0f})."
    )


def _yeses(external: External) -> str:
    """How often a yes is right here, which depends on how common a finding is."""
    here = [
        each
        for each in external.worth
        if each.of_site and each.point == "youden" and not math.isnan(each.values.positive.value)
    ]
    if not here:
        return ""
    mean = np.mean([each.values.positive.value for each in here])
    least = min(here, key=lambda each: each.values.positive.value)
    said = f"When it said yes, it was right {100 * mean:.0f} times in 100"
    if len(here) > 1:
        said += (
            f" (mean over findings), and least often for {least.target}: "
            f"{100 * least.values.positive.value:.0f} times in 100"
        )
    return (
        f"{said}. This depends on how common a finding is: {least.target} was present in "
        f"{least.prevalence:.0%} of the studies here."
    )


def _probabilities(external: External) -> str:
    (values,) = external.results.classifiers.values()
    high, low = [], []
    for target, each in values.validation.targets.items():
        ratio = each.observed_expected
        if ratio is not None and ratio.high < 1:
            high.append(target)
        elif ratio is not None and ratio.low > 1:
            low.append(target)
    if not high and not low:
        return (
            "On the whole its probabilities were neither too high nor too low, as far as these "
            "films can tell."
        )
    both = (("high", high), ("low", low))
    parts = [f"too {word} for {', '.join(names)}" for word, names in both if names]
    return (
        f"Its probabilities were {' and '.join(parts)}: here, a stated 20% does not mean 20 of 100."
    )


def _films(external: External) -> str:
    drift = external.drift
    said = (
        f"It refused to answer {drift.refused.value:.1%} of the films as unlike those that it was "
        f"made from ({external.card_refused.value:.1%} where it was made)."
    )
    if drift.source_auc is not None:
        told = next(word for least, word in _TOLD if drift.source_auc.value >= least)
        said += f" The films of the two places can {told} be told apart."
    return said


def _refitting(external: External) -> str:
    if not external.refits:
        return ""
    better = sum(each.after.brier.mean < each.before.brier.mean for each in external.refits)
    labelled = max(each.labelled for each in external.refits)
    return (
        f"With {labelled} labels from here its probabilities can be adjusted; on the other films "
        f"that made them better for {better} of {len(external.refits)} findings."
    )


def _at_youden(compared: Sequence[Compared], measure: str) -> list[Compared]:
    return [each for each in compared if each.measure == f"{measure} at youden"]


def _of_100(shares: Sequence[Compared]) -> str:
    return f"{100 * (1 - np.mean([each.here.value for each in shares])):.0f}"
