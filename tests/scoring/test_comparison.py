"""Scores and paired differences, and what is said of them."""

import numpy as np
import pytest

from radtex.scoring.comparison import Comparison, comparisons, scores, verdict
from radtex.scoring.rouge import RougeL
from radtex.scoring.scored import Scored
from radtex.statistics.bootstrap import Difference, Patients

REFERENCES = ["no effusion", "small effusion", "clear lungs", "normal heart"]
SYSTEMS = {"first": REFERENCES, "second": [""] * 4, "baseline": [REFERENCES[0]] * 4}


def test_files_are_compared_with_each_baseline_and_then_with_each_other() -> None:
    scored = Scored.of([RougeL()], SYSTEMS, REFERENCES)
    patients = Patients(np.arange(4), 50, seed=0)
    reached = scores(scored, patients)
    assert [*reached] == [*SYSTEMS]
    assert reached["first"]["ROUGE-L"].value == 1
    pairs = comparisons(scored, patients, ["first", "second"], ["baseline"])
    assert [(pair.a, pair.b) for pair in pairs] == [
        ("first", "baseline"),
        ("second", "baseline"),
        ("first", "second"),
    ]
    for pair in pairs:
        expected = reached[pair.a]["ROUGE-L"].value - reached[pair.b]["ROUGE-L"].value
        assert pair.differences["ROUGE-L"].value == pytest.approx(expected)


def test_a_verdict_names_the_scores_on_both_sides() -> None:
    won, drawn = Difference(0.2, 0.1, 0.3, 0.01), Difference(0.1, -0.1, 0.3, 0.4)
    said = verdict(Comparison("a", "b", {"BLEU-1": won, "F1 macro, 5 labels": drawn}))
    assert said == (
        "a does not beat the baseline “b” in F1 macro over 5 labels; it does in BLEU-1."
    )
