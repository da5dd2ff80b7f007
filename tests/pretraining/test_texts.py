"""What the recipe's section `text` makes of a corpus."""

import logging
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from radtex.pretraining.recipe import load_recipe
from radtex.pretraining.texts import sample_texts

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
    recipe = load_recipe("radtex-small", overrides)
    assert sample_texts(recipe.text, CORPUS, False, 0) == [texts]


def test_the_rate_of_references_is_logged_before_and_after(caplog):
    with caplog.at_level(logging.INFO):
        sample_texts(load_recipe("radtex-small", {"remove_priors": True}).text, CORPUS, False, 0)
    assert "earlier studies: 50.0 % before, 0.0 % after" in caplog.text


def test_sampled_has_both_sections_and_each_and_never_an_empty_one_in_their_place():
    options = load_recipe("radtex-small", {"text_policy": "sampled", "remove_priors": True}).text
    both, _, findings, _, impression, _ = sample_texts(options, CORPUS, False, 0)
    assert both == findings == ["Cardiomegaly.", "Clear lungs."]
    assert impression == ["Cardiomegaly.", "Clear lungs."]
    kept = replace(options, remove_priors=False)
    assert sample_texts(kept, CORPUS, False, 0)[4] == ["No change.", "Clear lungs."]


def test_each_text_is_followed_by_that_of_the_mirrored_image():
    sided = SimpleNamespace(
        index=pd.DataFrame(
            {
                "findings": ["Left effusion.", "Bright right lung."],
                "impression": ["", ""],
                "report": ["", ""],
            }
        )
    )
    options = load_recipe("radtex-small").text
    assert sample_texts(options, sided, True, 0) == [
        ["Left effusion.", "Bright right lung."],
        ["Right effusion.", "Bright left lung."],
    ]
