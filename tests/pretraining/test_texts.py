"""What the recipe's section `text` makes of a corpus."""

import logging
from types import SimpleNamespace

import pandas as pd
import pytest

from radtex.pretraining.objectives.registry import _texts
from radtex.pretraining.recipe import load_recipe

CORPUS = SimpleNamespace(
    index=pd.DataFrame(
        {
            "findings": ["Stable cardiomegaly.", "Clear lungs."],
            "impression": ["No change.", ""],
            "report": ["HISTORY: Cough. FINDINGS: Stable cardiomegaly. IMPRESSION: No change.", ""],
        }
    )
)


@pytest.mark.parametrize(
    ("overrides", "texts"),
    [
        ({}, ["Stable cardiomegaly. No change.", "Clear lungs."]),
        ({"remove_priors": True}, ["Cardiomegaly.", "Clear lungs."]),
        (
            {"text_policy": "full", "remove_priors": "true"},
            ["HISTORY: Cough. FINDINGS: Cardiomegaly.", "Clear lungs."],
        ),
    ],
)
def test_the_recipe_chooses_the_text(overrides, texts):
    assert _texts(load_recipe("radtex-small", overrides), CORPUS) == texts


def test_the_rate_of_references_is_logged_before_and_after(caplog):
    with caplog.at_level(logging.INFO):
        _texts(load_recipe("radtex-small", {"remove_priors": True}), CORPUS)
    assert "earlier studies: 50.0 % before, 0.0 % after" in caplog.text
