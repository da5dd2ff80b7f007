"""What the sections share: targets, encoders and estimates at the largest budget."""

from collections.abc import Iterator

from radtex.statistics.intervals import Estimate
from radtex.text_tables import signed_with_interval, with_interval
from radtex.transfer.evidence.result_tables import ESTIMAND
from radtex.transfer.measures.validation import TargetValidation
from radtex.transfer.results import Results


def largest_budget(results: Results) -> str:
    """The largest budget, as text."""
    return f"{results.protocol['budgets'][-1]:,}"


def estimand(results: Results) -> str:
    """What the estimates are expected over."""
    return "for patients like these" if results.of_one_classifier else ESTIMAND


def conditions(results: Results) -> str:
    """Of what the estimates are, and where."""
    if results.of_one_classifier:
        return "of this classifier, for patients like these"
    return f"at {largest_budget(results)} labels, {ESTIMAND}"


def counted(results: Results) -> str:
    """What the intervals count."""
    return "patients" if results.of_one_classifier else "draws, their pool and patients"


def each_target(results: Results) -> Iterator[tuple[str, str, TargetValidation]]:
    """Target, encoder and estimates, by target and in the order of the encoders."""
    for target in results.protocol["targets"]:
        for encoder, values in results.classifiers.items():
            yield target, encoder, values.validation.targets[target]


def has_probabilities(results: Results) -> bool:
    """Whether scores are probabilities."""
    return any(values.risks is not None for _, _, values in each_target(results))


def shown(value: Estimate | None) -> str:
    """An estimate with two digits; words where there is none."""
    return "none" if value is None else with_interval(value)


def shown_with_sign(value: Estimate | None) -> str:
    """A difference with three digits; words where there is none."""
    return "none" if value is None else signed_with_interval(value)
