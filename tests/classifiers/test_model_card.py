"""The card says what the classifier and its facts say."""

import json
import re
from pathlib import Path

import pytest

from radtex.classifiers.classifier import load_classifier, read_facts
from radtex.classifiers.model_card import model_card


@pytest.fixture(scope="module")
def card(kept: Path) -> str:
    folder = kept / "classifier"
    return model_card(load_classifier(folder), read_facts(folder))


def test_it_is_the_card_that_was_kept(card: str, kept: Path) -> None:
    assert card == (kept / "classifier" / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_every_threshold_has_a_row_with_what_it_reached(card: str, kept: Path) -> None:
    description = json.loads((kept / "classifier" / "classifier.json").read_text(encoding="utf-8"))
    for target, facts in zip(description["targets"], description["facts"]["targets"], strict=True):
        for point in ("youden", "sensitive"):
            row = re.search(rf"^\| {target['name']} \| {point} \| (.*) \|$", card, re.MULTILINE)
            assert row is not None
            threshold, sensitivity, specificity = row[1].split(" | ")
            assert float(threshold) == pytest.approx(target["thresholds"][point], abs=5e-5)
            for cell, measure in ((sensitivity, "sensitivity"), (specificity, "specificity")):
                value = facts["test"][measure][point]["value"]
                assert float(cell.split()[0]) == pytest.approx(value, abs=5e-3)


def test_flags_and_what_has_no_head_are_told(card: str, kept: Path) -> None:
    folder = kept / "classifier"
    facts = read_facts(folder) | {"flags": ["A flag."], "excluded": {"Hernia": "too rare"}}
    told = model_card(load_classifier(folder), facts)
    assert "- A flag." in told.splitlines()
    assert "- Hernia has no head: too rare" in told.splitlines()
    assert "- A flag." not in card.splitlines()


def test_a_forced_draw_is_told(card: str, kept: Path) -> None:
    folder = kept / "classifier"
    facts = read_facts(folder)
    facts["targets"][0]["training"]["forced"] = True
    assert model_card(load_classifier(folder), facts).count("(forced to the floor)") == 1 + sum(
        each["training"]["forced"] for each in facts["targets"][1:]
    )
    assert "## Limits" in card


def test_it_says_how_many_labels_were_human(card: str, kept: Path) -> None:
    folder = kept / "classifier"
    facts = read_facts(folder)
    count = sum(each["training"]["labelled"] for each in facts["targets"])
    for each in facts["targets"]:
        archive = each["training"]["labelled"]
        assert each["training"]["sources"] == {
            "human": 0, "archive": archive, "report": 0, "blank": 0
        }  # fmt: skip
    assert f"Of the {count} labels of these heads, 0 are human" in card
    facts["targets"][0]["training"] |= {
        "sources": {"human": 7, "archive": 0, "report": 20, "blank": 33},
        "prior": {"mined": 900, "mined_positive": 100, "slope": 1.0},
    }
    told = model_card(load_classifier(folder), facts)
    assert "7 are human (one's own tables and readers), 60 are the archive's" in told
    assert "20 were read from the films' own reports, and 33 are blank" in told
    assert "; 900 more were mined from training reports." in told
