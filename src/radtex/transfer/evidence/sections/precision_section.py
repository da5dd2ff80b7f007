"""Precision and recall: the average precision of each target, beside its prevalence."""

from radtex.transfer.evidence.html import section, table
from radtex.transfer.evidence.sections.at_largest import conditions, each_target, shown
from radtex.transfer.results import Results


def precision_section(results: Results) -> str:
    """Average precision, which is the prevalence where scores tell nothing."""
    prevalence = {each.target: each.prevalence for each in results.events}
    return section(
        "Precision and recall",
        table(
            [
                ["target", "encoder", "prevalence", "average precision"],
                *(
                    [target, encoder, f"{prevalence[target]:.2f}", shown(values.average_precision)]
                    for target, encoder, values in each_target(results)
                ),
            ],
            f"Average precision (the area under precision and recall) "
            f"{conditions(results)}. Scores that tell nothing have the prevalence, so it may be "
            "compared within a target alone, and not between tests.",
        ),
    )
