"""Calibration of all targets together: the Brier score, and the reliability diagram."""

from radtex.transfer.evidence import figures
from radtex.transfer.evidence.html import picture, section, table
from radtex.transfer.evidence.result_tables import classifier_table
from radtex.transfer.evidence.sections.at_largest import estimand, largest_budget
from radtex.transfer.measures.calibration import BINS, LEAST_IN_A_BIN
from radtex.transfer.results import Results


def calibration_section(results: Results) -> str:
    """The Brier score, and observed against predicted; "" where scores are no probabilities."""
    bins = {name: each.reliability for name, each in results.classifiers.items()}
    if not any(bins.values()):
        return ""
    where = "" if results.of_one_classifier else f" at {largest_budget(results)} labels"
    together = "all targets" if results.of_one_classifier else "all targets and draws"
    words = f"Observed against predicted{where}. " + "; ".join(
        f"{encoder}: "
        + ", ".join(f"{each.observed.mean:.2f} at {each.predicted:.2f}" for each in of_encoder)
        for encoder, of_encoder in bins.items()
    )
    header, *rows = classifier_table(results, "brier")
    if results.of_one_classifier:
        header = ["classifier", "Brier score"]
    return section(
        "Calibration",
        table(
            [header, *rows],
            f"Brier score, mean over targets, {estimand(results)}; 0 is perfect.",
        ),
        picture(
            figures.reliability(results),
            words,
            f"Reliability of the probabilities{where}, {together} together, in {BINS} equal "
            f"bins; intervals are over patients, and bins of fewer than {LEAST_IN_A_BIN} patients "
            "are left out. On the line, predictions come true as often as they say.",
        ),
    )
