"""Guesses of all tokens at once against a loop over texts and tokens."""

import numpy as np
import pytest
import torch

from fixtures.objectives import CONTEXT, OPTIONS, ROWS, TEXTS, captions, cross_entropy, scrambled
from radtex.compute.seeding import seeded
from radtex.models.decoder import Decoder
from radtex.models.tokenizer import END, MASK
from radtex.pretraining.objectives.parallel_guesses import ParallelGuesses

DIRECTIONS = ("forward", "backward")
MEMORY = torch.randn(4, 6, OPTIONS.hidden, generator=torch.Generator().manual_seed(3))


@pytest.fixture
def guesses() -> ParallelGuesses:
    return ParallelGuesses(captions(), 0.5, CONTEXT)


@pytest.fixture
def decoder() -> Decoder:
    made = Decoder(8, len(captions().tokenizer), CONTEXT, OPTIONS, DIRECTIONS)
    scrambled(made)
    return made.eval()


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_equals_a_loop_over_the_real_tokens(
    guesses: ParallelGuesses, decoder: Decoder, direction: str
) -> None:
    """Each text by itself: as many masks as the context has places, each seeing all."""
    expected = []
    for row in ROWS:
        states = torch.full((CONTEXT, OPTIONS.hidden), torch.nan)
        embedded = decoder.tokens.weight[MASK] + decoder.positions.weight[:CONTEXT]
        states = decoder.embedding_norm(embedded)[None]
        for block in decoder.stack(direction):
            attention = block.self_attention
            mixed = attention.attend(states, *attention.keys_values(states), causal=False)
            states = block.norms[0](states + mixed)
            attention = block.cross_attention
            mixed = attention.attend(states, *attention.keys_values(MEMORY[row][None]))
            states = block.norms[1](states + mixed)
            inner = torch.nn.functional.gelu(block.expand(states))
            states = block.norms[2](states + block.contract(inner))
        tokens = guesses.captions.tokenizer.encode(TEXTS[row])
        ordered = tokens if direction == "forward" else tokens[::-1]
        for place, token in enumerate([*ordered, END][:CONTEXT]):
            logits = decoder.tokens.weight @ states[0, place] + decoder.output_bias
            expected.append(cross_entropy(logits.tolist(), token))
    found = guesses.losses(decoder, MEMORY, guesses.targets(ROWS, DIRECTIONS), direction)
    assert found.tolist() == pytest.approx(expected, rel=1e-4)


def test_what_is_fed_does_not_tell_the_text_or_its_length(
    guesses: ParallelGuesses, decoder: Decoder
) -> None:
    seen = []
    for row in ROWS:
        decoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].tolist()))
        guesses.losses(decoder, MEMORY[:1], guesses.targets(np.array([row]), DIRECTIONS), "forward")
    assert all(tokens == [[MASK] * CONTEXT] for tokens in seen)


def test_the_loss_of_a_text_does_not_depend_on_the_others(
    guesses: ParallelGuesses, decoder: Decoder
) -> None:
    whole = guesses.losses(decoder, MEMORY, guesses.targets(ROWS, DIRECTIONS), "forward")
    alone = [
        guesses.losses(
            decoder, MEMORY[row : row + 1], guesses.targets(ROWS[row : row + 1], DIRECTIONS),
            "forward",
        )
        for row in ROWS
    ]  # fmt: skip
    assert torch.allclose(whole, torch.cat(alone), atol=1e-5)
    assert len(whole) == guesses.captions.lengths.sum()


@pytest.mark.parametrize(
    ("share", "samples", "counts"), [(0.75, 4, {3}), (0.5, 3, {1, 2}), (0.0, 9, {0})]
)
def test_a_share_of_the_samples_is_guessed(share: float, samples: int, counts: set[int]) -> None:
    guesses = ParallelGuesses(captions(), share, CONTEXT)
    with seeded(0):
        drawn = [guesses.draw(samples) for _ in range(400)]
    assert set(drawn) == counts
    assert np.mean(drawn) == pytest.approx(share * samples, abs=0.1)
