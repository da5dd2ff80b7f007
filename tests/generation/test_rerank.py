"""Reranking against a scoring of one token after another."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from radtex.compute.seeding import seeded
from radtex.errors import RunError
from radtex.generation.rerank import rerank
from radtex.models.decoder import Decoder, Direction
from radtex.models.decoder_options import DecoderOptions
from radtex.models.decoding import Caption, beam_search
from radtex.models.decoding_options import DecodingOptions
from radtex.models.tokenizer import END

LogLikelihood = Callable[[Decoder, Tensor, list[int], Direction], float]

SHAPE = DecoderOptions(hidden=8, layers=1, heads=2, feedforward=16, dropout=0.0)


def random_decoder(seed: int, *directions: Direction) -> tuple[Decoder, Tensor]:
    with seeded(seed):
        decoder = Decoder(4, 12, 7, SHAPE, directions).double().eval()
        for parameter in decoder.parameters():
            nn.init.normal_(parameter, std=0.7)
        decoder.output_bias.data[END] += 2.0
        memory = decoder.memory(3 * torch.randn(4, 4, 2, 2, dtype=torch.float64)).detach()
    return decoder, memory


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 1000),
    beams=st.integers(2, 5),
    length_penalty=st.sampled_from([0.0, 0.7]),
)
def test_the_likeliest_candidate_in_both_directions_wins(
    naive_log_likelihood: LogLikelihood, seed: int, beams: int, length_penalty: float
) -> None:
    decoder, memory = random_decoder(seed, "forward", "backward")

    def both_ways(memory: Tensor, tokens: tuple[int, ...]) -> float:
        """A text that fills the context has no end."""
        forward, backward = (
            naive_log_likelihood(decoder, memory, [*text, END][: decoder.max_tokens], direction)
            for text, direction in ((tokens, "forward"), (tokens[::-1], "backward"))
        )
        return forward + backward

    options = DecodingOptions(beams=beams, length_penalty=length_penalty)
    candidates = beam_search(decoder, memory, options, wanted=beams)
    for image, best in enumerate(rerank(decoder, memory, candidates, length_penalty)):
        one = memory[image : image + 1]
        scores = {
            caption.tokens: both_ways(one, caption.tokens)
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
