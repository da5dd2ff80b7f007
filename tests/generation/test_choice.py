"""Which candidate is chosen, against sums by hand."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from radtex.compute.seeding import seeded
from radtex.findings import CHEXPERT_LABELS
from radtex.generation.choice import agreement, choose, likelihood_per_token
from radtex.models.decoder import Decoder, Direction
from radtex.models.decoder_options import DecoderOptions
from radtex.models.tokenizer import END

EDEMA = CHEXPERT_LABELS.index("Edema")
LogLikelihood = Callable[[Decoder, Tensor, list[int], Direction], float]


def test_agreement_is_the_log_likelihood_of_what_is_stated() -> None:
    leanings, stated = np.array([[2.0, -1.0]]), np.array([[[True, False], [False, True]]])
    good = -math.log1p(math.exp(-2)) - math.log1p(math.exp(-1))
    bad = -math.log1p(math.exp(2)) - math.log1p(math.exp(1))
    assert agreement(leanings, stated)[0] == pytest.approx([good, bad])


def test_likelihoods_are_per_token_and_of_both_directions(
    naive_log_likelihood: LogLikelihood,
) -> None:
    with seeded(0):
        options = DecoderOptions(hidden=8, layers=1, heads=2, feedforward=16, dropout=0.0)
        decoder = Decoder(4, 12, 7, options).double().eval()
        memory = decoder.memory(torch.randn(2, 4, 2, 2, dtype=torch.float64)).detach()
    texts = [[(4, 5, 6), (7,)], [(8, 9), (4, 4, 4, 4, 4, 4)]]
    found = likelihood_per_token(decoder, memory, texts)
    for image, of_image in enumerate(texts):
        for place, text in enumerate(of_image):
            one = memory[image : image + 1]
            total = naive_log_likelihood(decoder, one, [*text, END], "forward")
            total += naive_log_likelihood(decoder, one, [*text[::-1], END], "backward")
            assert found[image, place] == pytest.approx(total / (len(text) + 1))


def leaning(edema: float) -> np.ndarray:
    leanings = np.full((1, 14), -1.0)
    leanings[0, EDEMA] = edema
    return leanings


TEXTS = [["Lungs are clear.", "There is edema.", "No edema. There is edema."]]


def test_the_head_decides_between_equally_likely_texts() -> None:
    alike = np.full((1, 3), -2.0)
    assert choose(alike, leaning(4), TEXTS)[0] == [1]
    assert choose(alike, leaning(-4), TEXTS)[0] == [0]


def test_likelihood_decides_where_it_weighs_more() -> None:
    likelihoods = np.array([[-1.0, -9.0, -0.1]])
    assert choose(likelihoods, leaning(4), TEXTS)[0] == [0]
    assert choose(likelihoods, leaning(4), TEXTS, 0.0)[0] == [1]


def test_a_contradiction_is_chosen_only_where_all_are() -> None:
    best, scores = choose(np.array([[-3.0, -1.0]]), leaning(4), [[TEXTS[0][2]] * 2])
    assert best == [1]
    stated = np.zeros((1, 1, 14), bool)
    stated[0, 0, EDEMA] = True
    assert scores[0] == pytest.approx(-2 + agreement(leaning(4), stated)[0, 0])
