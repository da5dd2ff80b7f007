"""Recalibration: slope, intercept and observed over expected of each target."""

from radtex.transfer.evidence.html import section, table
from radtex.transfer.evidence.sections.at_largest import (
    conditions,
    counted,
    each_target,
    has_probabilities,
    shown,
    shown_with_sign,
)
from radtex.transfer.results import Results


def recalibration_section(results: Results) -> str:
    """By how much probabilities are too high and too extreme; "" where there are none."""
    if not has_probabilities(results):
        return ""
    return section(
        "Calibration of each target",
        table(
            [
                ["target", "encoder", "slope", "intercept", "observed : expected"],
                *(
                    [
                        target,
                        encoder,
                        shown(values.slope),
                        shown_with_sign(values.intercept),
                        shown(values.observed_expected),
                    ]
                    for target, encoder, values in each_target(results)
                ),
            ],
            f"{_said(results)}. Slope: "
            "below 1, "
            "predictions are too extreme. Intercept: what must be added to every log odds; below "
            "0, predictions are too high. Observed over expected positives: below 1, too high. "
            f"Perfect are 1, 0 and 1. Intervals count {counted(results)}.",
        ),
    )


def _said(results: Results) -> str:
    said = conditions(results)
    together = "" if results.of_one_classifier else ", all draws fitted together"
    return f"{said[0].upper()}{said[1:]}{together}"
