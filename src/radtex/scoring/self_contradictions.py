"""How many reports contradict themselves: those of each system, and the references."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from radtex.reports.consistency.contradictions import find_contradictions
from radtex.statistics.intervals import Interval
from radtex.statistics.proportion import proportion

REFERENCES = "the references"
"""The name of the references where they stand beside systems."""

DEFINITION = (
    "A report contradicts itself where it affirms and denies one finding, as the labeler reads it; "
    "sides and levels are respected, and who denies a large or a new one denies no other. "
    "Intervals are Wilson's, by patient."
)
"""For the notes."""


def contradicted(
    systems: Mapping[str, Sequence[str]], references: Sequence[str]
) -> dict[str, list[str]]:
    """Name the findings that each report both affirms and denies, joined by "; ".

    Args:
        systems: by name, N written reports.
        references: the N references, whose name is `REFERENCES`.
    """
    every = {**systems, REFERENCES: references}
    found = {
        text: "; ".join(each.label for each in find_contradictions(text))
        for text in dict.fromkeys(text for texts in every.values() for text in texts)
    }
    return {name: [found[text] for text in texts] for name, texts in every.items()}


def shares(found: Mapping[str, Sequence[str]], patients: NDArray[np.int64]) -> dict[str, Interval]:
    """The share of reports that contradict themselves, 0 to 1, by system.

    Args:
        found: by system, what `contradicted` names of the N reports.
        patients: of the reports, (N,).
    """
    return {
        name: proportion(np.array([bool(labels) for labels in of_system]), patients)
        for name, of_system in found.items()
    }
