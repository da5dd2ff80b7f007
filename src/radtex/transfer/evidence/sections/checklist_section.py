"""The reporting checklist, filled as far as the folder knows."""

from radtex.transfer.evidence.html import section, table
from radtex.transfer.evidence.tripod_ai import CITATION, NOT_KNOWN, checklist
from radtex.transfer.results import Results


def checklist_section(results: Results) -> str:
    """A row for each item of TRIPOD+AI."""
    return section(
        "Reporting checklist",
        table(
            [
                ["item", "about", "here"],
                *([item.number, item.topic, item.answer] for item in checklist(results)),
            ],
            f"The items of TRIPOD+AI ({CITATION}), in short words. What this folder does not hold "
            f"is {NOT_KNOWN}, and is left to the authors of a report.",
        ),
    )
