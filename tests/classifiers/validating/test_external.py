"""What is compared with the card, and at which prevalences."""

from typing import Any

import pytest


def test_each_target_has_its_measures_beside_the_card(said: dict[str, Any]) -> None:
    measures = [each["measure"] for each in said["beside_card"] if each["target"] == "Edema"]
    assert measures == [
        "AUC",
        "Brier score",
        "sensitivity at youden",
        "specificity at youden",
        "sensitivity at sensitive",
        "specificity at sensitive",
    ]


def test_predictive_values_at_the_sites_prevalence_are_shares_of_its_studies(
    said: dict[str, Any],
) -> None:
    scores = said["targets"]["Edema"]
    (own,) = (
        each
        for each in said["predictive_values"]
        if each["of_site"] and (each["target"], each["point"]) == ("Edema", "youden")
    )
    positive = scores["positive"]
    hits = scores["sensitivity"]["youden"]["value"] * positive
    alarms = (1 - scores["specificity"]["youden"]["value"]) * (scores["studies"] - positive)
    assert own["positive"]["value"] == pytest.approx(hits / (hits + alarms))
    others = {each["prevalence"] for each in said["predictive_values"] if not each["of_site"]}
    assert others == {0.01, 0.05, 0.1, 0.2}
