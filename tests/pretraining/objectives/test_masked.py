"""Masked words: how many are drawn, what stands in their place, and the loss."""

import math

import numpy as np
import pytest
import torch

from fixtures.objectives import OPTIONS, ROWS, captions, cross_entropy, images, scrambled, stream
from radtex.compute.seeding import seeded
from radtex.models.encoder import Encoder
from radtex.models.tokenizer import MASK, PAD
from radtex.pretraining.objectives.masked import Masked


@pytest.fixture
def masked(encoder: Encoder) -> Masked:
    objective = Masked(encoder, OPTIONS, captions())
    scrambled(objective)
    return objective.eval()


def test_masked_equals_a_loop_over_masked_tokens(masked: Masked) -> None:
    with seeded(3):
        targets = masked.targets(ROWS)
    total, count = 0.0, 0
    for row in ROWS:
        length = len(stream(masked, row))
        seen, wanted = targets["seen"][row, :length], targets["wanted"][row, :length]
        states = masked.text_encoder(seen.unsqueeze(0), masked.encoder(images()[row : row + 1]))[0]
        for position in range(length):
            if wanted[position] != PAD:
                logits = masked.text_encoder.tokens.weight @ states[position] + masked.output_bias
                total += cross_entropy(logits.tolist(), int(wanted[position]))
                count += 1
    assert masked(images(), targets).tolist() == pytest.approx([total], rel=1e-5)
    assert masked.counts(ROWS).tolist() == [count]
    with torch.inference_mode():
        assert masked(images(), targets).tolist() == pytest.approx([total], rel=1e-5)


def test_15_percent_of_the_words_of_each_text_are_masked_rounded_up(masked: Masked) -> None:
    targets = masked.targets(ROWS)
    for row in ROWS:
        tokens = stream(masked, row)
        wanted = targets["wanted"][row].tolist()
        words = sum(token > MASK for token in tokens)
        chosen = [i for i, token in enumerate(wanted) if token != PAD]
        assert len(chosen) == math.ceil(words * 15 / 100) >= 1
        for i, token in enumerate(tokens):
            assert wanted[i] == (token if i in chosen else PAD)
            assert targets["seen"][row, i] == token or (i in chosen and token > MASK)
        assert (targets["seen"][row, len(tokens) :] == PAD).all()


def test_of_the_masked_words_80_percent_are_hidden_and_10_percent_replaced(
    encoder: Encoder,
) -> None:
    texts = captions(["clear lungs and no pleural effusion"])
    objective = Masked(encoder, OPTIONS, texts)
    with seeded(0):
        targets = objective.targets(np.zeros(4000, dtype=np.int64))
    chosen = targets["wanted"] != PAD
    seen, wanted = targets["seen"][chosen], targets["wanted"][chosen]
    hidden, kept = (seen == MASK).double().mean(), (seen == wanted).double().mean()
    assert hidden.item() == pytest.approx(0.8, abs=0.02)
    assert kept.item() == pytest.approx(0.1 + 0.1 / len(texts.tokenizer), abs=0.015)
    assert seen.min() == MASK
    assert seen.max() > 250
    positions = chosen.double().mean(dim=0)[1:]
    words = len(texts.tokenizer.encode("clear lungs and no pleural effusion"))
    assert positions[:words].tolist() == pytest.approx(
        [chosen.sum().item() / 4000 / words] * words, abs=0.03
    )


def test_a_masked_token_is_guessed_from_both_sides_and_from_the_image(masked: Masked) -> None:
    row = stream(masked, 1)
    tokens = torch.tensor([[*row[:4], MASK, *row[5:]]])
    grid = masked.encoder(images(1))
    guess = masked.text_encoder(tokens, grid)[0, 4]
    for position in (3, 5):
        other = tokens.clone()
        other[0, position] += 1
        assert (masked.text_encoder(other, grid)[0, 4] - guess).abs().max() > 1e-5
    assert (masked.text_encoder(tokens, grid + 1)[0, 4] - guess).abs().max() > 1e-5
