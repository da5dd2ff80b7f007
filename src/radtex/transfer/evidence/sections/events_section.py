"""Events: how much the test can tell of each target."""

from radtex.transfer.evidence.html import section, table
from radtex.transfer.measures.events import ENOUGH_EVENTS
from radtex.transfer.results import Results


def events_section(results: Results) -> str:
    """Studies and patients with and without each target, against ENOUGH_EVENTS."""
    return section(
        "Events",
        table(
            [
                ["target", "with", "without", "prevalence", "patients with", "without", "enough"],
                *(
                    [
                        each.target,
                        f"{each.events:,}",
                        f"{each.non_events:,}",
                        f"{each.prevalence:.1%}",
                        f"{each.patients_with:,}",
                        f"{each.patients_without:,}",
                        "yes" if each.enough else f"fewer than {ENOUGH_EVENTS}",
                    ]
                    for each in results.events
                ),
            ],
            f"Test studies with a definite label, and their patients. A validation is held to need "
            f"{ENOUGH_EVENTS} studies of each class; with fewer, calibration and decision curves "
            "above all are uncertain.",
        ),
    )
