"""The paragraph for those who decide: its numbers, and no jargon."""

import re
from typing import Any

import numpy as np


def test_its_numbers_are_those_of_the_summary(said: dict[str, Any]) -> None:
    words = said["in_plain_words"]
    mean = np.mean([each["auc"]["value"] for each in said["targets"].values()])
    assert f"in {mean:.0%} of pairs" in words
    missed = np.mean([1 - e["sensitivity"]["youden"]["value"] for e in said["targets"].values()])
    assert f"it missed {100 * missed:.0f} of 100 films with a finding" in words
    assert f"{said['abstention']['here']['value']:.1%} of the films" in words
    assert "No difference between here and there" in words
    right = [
        row["positive"]["value"]
        for row in said["predictive_values"]
        if row["of_site"] and row["point"] == "youden"
    ]
    assert f"When it said yes, it was right {100 * np.mean(right):.0f} times in 100" in words
    assert f"{100 * min(right):.0f} times in 100" in words


def test_it_says_what_it_does_not_show_and_uses_no_jargon(said: dict[str, Any]) -> None:
    words = said["in_plain_words"]
    assert "no medical device" in words
    assert "do not show that patients are better off" in words
    assert not re.search(r"AUC|ROC|Brier|Youden|logit|calibrat|sensitiv|specific", words, re.I)
    assert "\n" not in words
