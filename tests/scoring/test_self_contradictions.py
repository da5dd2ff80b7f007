"""How many reports contradict themselves, and how sure that is."""

import numpy as np

from radtex.scoring.self_contradictions import REFERENCES, contradicted, shares
from radtex.statistics.intervals import wilson

TORN = "No pleural effusion or edema. Moderate right effusion. Edema."


def test_findings_are_named_for_systems_and_references() -> None:
    found = contradicted({"a": [TORN, "Clear lungs."]}, ["No effusion.", TORN])
    assert found == {
        "a": ["Pleural Effusion; Edema", ""],
        REFERENCES: ["", "Pleural Effusion; Edema"],
    }


def test_shares_count_reports_and_their_intervals_patients() -> None:
    found = shares({"a": ["x", "", "", ""], "b": [""] * 4}, np.array([0, 0, 1, 2]))
    assert found["a"].value == 0.25
    assert found["b"] == wilson(0.0, 3)
    assert found["b"].high > 0.5
