"""What the recipe's section `text` makes of a corpus."""

import logging
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from radtex.models.encoder_input import EncoderInput
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.data.samples import SampleDraw
from radtex.pretraining.data.texts import sample_texts
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


def test_a_mirrored_image_comes_with_its_mirrored_text():
    texts = ["left effusion", "right effusion", "clear lungs"]
    index = pd.DataFrame({"findings": texts, "impression": "", "report": ""})
    options = load_recipe("radtex-small").text
    blocks = sample_texts(options, SimpleNamespace(index=index), True, 0)
    tokenizer = Tokenizer.train(texts, 270)
    captions = Captions([text for block in blocks for text in block], tokenizer, 30)
    images = np.zeros((3, 64, 64), dtype=np.uint8)
    images[:, :, :32] = 200
    still = AugmentationOptions(1.0, 1.0, 0.0, 0.0, 0.0, flip=0.5)
    samples = SampleDraw(3, flip=0.5).epoch(np.arange(3), 1, 0)
    seen = Pixels(images, EncoderInput(64, 0.0, 1.0)).augmented(samples, still, 0)
    words = [tokenizer.decode(row) for row in captions.streams(samples, False).tolist()]
    turned = (seen[:, 0, 0, 0] == 0).tolist()
    assert set(turned) == {True, False}
    other = ["right effusion", "left effusion", "clear lungs"]
    expected = zip(turned, texts, other, strict=True)
    assert words == [swapped if side else own for side, own, swapped in expected]
