"""Scores and paired differences, and what is said of them."""

import numpy as np
import pytest

from radtex.scoring.comparison import Comparison, comparisons, scores, too_few_to_tell, verdict
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
        "a does not beat the baseline “b” in F1 macro over 5 labels; it does in BLEU-1 (p below "
        "0.05 after Holm's correction over 2 scores)."
    )


def test_ten_intervals_are_not_ten_chances() -> None:
    """An interval above 0 is no victory where as many scores were tried."""
    close, lower = Difference(0.2, 0.01, 0.4, 0.03), Difference(-0.2, -0.3, -0.1, 0.001)
    alone = verdict(Comparison("a", "b", {"BLEU-1": close}))
    assert alone.startswith("a beats the baseline “b” in every score (p below 0.05")
    among = {"BLEU-1": close} | {f"BLEU-{order}": lower for order in (2, 3, 4)}
    assert verdict(Comparison("a", "b", among | {"CIDEr-D": close})) == (
        "a does not beat the baseline “b” in any score (p below 0.05 after Holm's correction over "
        "5 scores)."
    )


def test_no_difference_is_found_in_few_of_many_worlds() -> None:
    """Ten scores of twenty patients, no difference in truth: a verdict in 5 % of worlds or so."""
    rng = np.random.default_rng(0)
    won = {"interval": 0, "verdict": 0}
    for seed in range(200):
        patients = Patients(np.arange(20), 400, seed)
        a, b = rng.normal(size=(2, 20, 10))
        found = patients.differences(a, b, lambda sums: sums / 20)
        named = {str(number): value for number, value in enumerate(found)}
        won["interval"] += any(value.low > 0 for value in found)
        won["verdict"] += "does not beat the baseline “b” in any" not in verdict(
            Comparison("a", "b", named)
        )
    assert won["interval"] > 30
    assert won["verdict"] <= 14


@pytest.mark.parametrize(("draws", "patients"), [(200, 50), (1000, 8)])
def test_too_few_draws_or_patients_for_a_verdict_are_told(draws: int, patients: int) -> None:
    (said,) = too_few_to_tell(draws, patients, 12)
    assert said == (
        f"No p value of {draws} draws of {patients} patients is small enough to beat a baseline in "
        "any of 12 scores; that takes 240 draws (--replicates) and 9 patients."
    )
    assert too_few_to_tell(240, 9, 12) == []
