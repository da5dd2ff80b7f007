"""Reranking against a scoring of one token after another."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from radtex.errors import RunError
from radtex.generation.rerank import rerank
from radtex.models.decoder import Decoder, DecoderOptions, Direction
from radtex.models.decoding import Caption, DecodingOptions, beam_search
from radtex.models.seeding import seeded
from radtex.models.tokenizer import END, MASK, PAD, START

SHAPE = DecoderOptions(hidden=8, layers=1, heads=2, feedforward=16, dropout=0.0)


def random_decoder(seed: int, *directions: Direction) -> tuple[Decoder, Tensor]:
    with seeded(seed):
        decoder = Decoder(4, 12, 7, SHAPE, directions).double().eval()
        for parameter in decoder.parameters():
            nn.init.normal_(parameter, std=0.7)
        decoder.output_bias.data[END] += 2.0
        memory = decoder.memory(3 * torch.randn(4, 4, 2, 2, dtype=torch.float64)).detach()
    return decoder, memory


def naive_score(decoder: Decoder, memory: Tensor, tokens: tuple[int, ...]) -> float:
    """Both directions, token by token; a text that fills the context has no end."""
    total = 0.0
    for direction in decoder.directions:
        text = [*(tokens[::-1] if direction == "backward" else tokens), END][: decoder.max_tokens]
        for place, token in enumerate(text):
            with torch.no_grad():
                states = decoder(torch.tensor([[START, *text[:place]]]), memory, direction)
                logits = decoder.logits(states)[0, -1]
            logits[[PAD, START, MASK]] = -torch.inf
            total += float(logits.log_softmax(-1)[token])
    return total


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 5), st.sampled_from([0.0, 0.7]))
def test_the_likeliest_candidate_in_both_directions_wins(
    seed: int, beams: int, length_penalty: float
) -> None:
    decoder, memory = random_decoder(seed, "forward", "backward")
    options = DecodingOptions(beams=beams, length_penalty=length_penalty)
    candidates = beam_search(decoder, memory, options, wanted=beams)
    for image, best in enumerate(rerank(decoder, memory, candidates, length_penalty)):
        one = memory[image : image + 1]
        scores = {
            caption.tokens: naive_score(decoder, one, caption.tokens)
            / min(len(caption.tokens) + 1, decoder.max_tokens) ** length_penalty
            for caption in candidates[image]
        }
        assert best.tokens == max(scores, key=scores.__getitem__)
        assert best.score == pytest.approx(scores[best.tokens], abs=1e-9)


def test_images_may_have_different_numbers_of_candidates() -> None:
    decoder, memory = random_decoder(1, "forward", "backward")
    texts = [[(4, 5), (6,)], [(7,)], [()], [(8, 9, 4), (4,), (5, 5)]]
    candidates = [[Caption(text, 0.0, True) for text in of_image] for of_image in texts]
    best = rerank(decoder, memory, candidates)
    assert all(found.tokens in of_image for found, of_image in zip(best, texts, strict=True))


def test_a_run_of_one_direction_is_refused() -> None:
    decoder, memory = random_decoder(0, "forward")
    with pytest.raises(RunError, match="forward only"):
        rerank(decoder, memory, [[Caption((4,), 0.0, True)]] * 4)
