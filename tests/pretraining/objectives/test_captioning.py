"""Captioning losses against loops over single samples and single tokens."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder import Encoder
from radtex.models.model_description import DecoderDescription
from radtex.models.tokenizer import END, START, Tokenizer
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.objectives.captioning import Bicaptioning, Captioning

TEXTS = [
    "no pleural effusion",
    "there is a large left pleural effusion and a very long list of other findings",
    "",
    "clear lungs",
]


@pytest.fixture
def bicaptioning() -> Captioning:
    torch.manual_seed(0)
    tokenizer = Tokenizer.train(TEXTS * 3, 320)
    description = DecoderDescription(
        len(tokenizer), 10, ("forward", "backward"), DecoderOptions(16, 1, 2, 32, 0.0)
    )
    encoder = Encoder("resnet10t", 64)
    objective = Bicaptioning(encoder, description, Captions(TEXTS, tokenizer, 10))
    for parameter in objective.decoder.parameters():
        nn.init.normal_(parameter, std=0.3)
    return objective.eval().double()


def test_bicaptioning_equals_a_loop_over_tokens(bicaptioning: Captioning) -> None:
    images = torch.randn(4, 1, 64, 64, dtype=torch.float64)
    rows = np.arange(4)
    sums = bicaptioning(images, bicaptioning.targets(rows))
    decoder, tokenizer = bicaptioning.decoder, bicaptioning.captions.tokenizer
    for term, direction in enumerate(("forward", "backward")):
        total, count = 0.0, 0
        for row, text in enumerate(TEXTS):
            tokens = tokenizer.encode(text)[:: -1 if direction == "backward" else 1]
            stream = [START, *tokens, END][: 10 + 1]
            memory = decoder.memory(bicaptioning.encoder(images[row : row + 1]))
            for i in range(1, len(stream)):
                states = decoder(torch.tensor([stream[:i]]), memory, direction)
                logits = decoder.logits(states[0, -1]).tolist()
                total += math.log(sum(map(math.exp, logits))) - logits[stream[i]]
                count += 1
        assert sums[term].item() == pytest.approx(total, rel=1e-6)
        assert bicaptioning.counts(rows)[term] == count


def test_an_empty_report_is_no_caption(bicaptioning: Captioning) -> None:
    assert bicaptioning.usable(np.arange(4)).tolist() == [0, 1, 3]


def test_forward_captioning_is_the_forward_half_of_bicaptioning(bicaptioning: Captioning) -> None:
    both = bicaptioning.decoder_description
    assert both is not None
    forward = Captioning(
        bicaptioning.encoder, replace(both, directions=("forward",)), bicaptioning.captions
    )
    forward.double().eval().load_state_dict(bicaptioning.state_dict(), strict=False)
    images, rows = torch.randn(4, 1, 64, 64, dtype=torch.float64), np.arange(4)
    alone = forward(images, forward.targets(rows))
    assert forward.terms == ("forward",)
    both_terms = bicaptioning(images, bicaptioning.targets(rows))
    assert alone.tolist() == pytest.approx(both_terms[:1].tolist())


def test_a_single_caption_has_a_finite_loss(bicaptioning: Captioning) -> None:
    bicaptioning.train()
    loss = bicaptioning(
        torch.randn(1, 1, 64, 64, dtype=torch.float64), bicaptioning.targets(np.array([0]))
    ).sum()
    loss.backward()
    assert torch.isfinite(loss)
    assert all(p.grad is None or p.grad.isfinite().all() for p in bicaptioning.parameters())


def test_rare_words_stay_in_the_loss(bicaptioning: Captioning) -> None:
    """In VirTex an unknown word is the padding index, and so drops out of the loss."""
    tokenizer = bicaptioning.captions.tokenizer
    captions = Captions(["zygapophyseal ☃"], tokenizer, 60)
    assert captions.lengths[0] == len(tokenizer.encode("zygapophyseal ☃")) + 1 > 5
