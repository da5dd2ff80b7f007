"""Missed findings at thresholds that were chosen before the test, by group of studies."""

from radtex.transfer.evidence.html import section, table
from radtex.transfer.evidence.sections.at_largest import (
    conditions,
    each_target,
    shown,
    shown_with_sign,
)
from radtex.transfer.measures.missed_share import ALL, POINTS
from radtex.transfer.results import Results
from radtex.transfer.sampling.eligibility import TEST_FLOOR


def missed_section(results: Results) -> str:
    """The false-negative rates; "" where draws chose no thresholds."""
    return section(
        "Missed findings",
        table(
            _by_group(results),
            f"False-negative rate {conditions(results)}, mean over "
            "targets, at the "
            "two thresholds that a kept classifier has: chosen on out-of-fold predictions of the "
            "labelled studies of each draw, and never on the test. A group counts the targets of "
            f"which it has at least {TEST_FLOOR} patients. Differences are to all other studies. "
            "Secondary: not adjusted for their number.",
        ),
        table(
            _by_target(results),
            "The same for each target, among all studies; by target and group in summary.json.",
        ),
    )


def _by_group(results: Results) -> list[list[str]]:
    names = dict.fromkeys(
        name for values in results.classifiers.values() for name in values.validation.missed
    )
    header = ["group", "encoder", "targets"]
    for point in POINTS:
        header += [f"missed at {point}", "minus all others"]
    rows = [header]
    for name in names:
        for encoder, values in results.classifiers.items():
            found = values.validation.missed.get(name)
            if found is None:
                continue
            row = [name, encoder, str(len(found.targets))]
            for point in POINTS:
                difference = found.difference.get(point)
                row.append(shown(found.missed[point]))
                row.append("" if difference is None else shown_with_sign(difference))
            rows.append(row)
    return rows


def _by_target(results: Results) -> list[list[str]]:
    return [
        ["target", "encoder", "patients with it", *(f"missed at {point}" for point in POINTS)],
        *(
            [
                target,
                encoder,
                f"{found.patients:,}",
                *(shown(found.missed[point]) for point in POINTS),
            ]
            for target, encoder, values in each_target(results)
            for name, found in values.missed
            if name == ALL
        ),
    ]
