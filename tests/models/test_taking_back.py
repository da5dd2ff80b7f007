"""Decoding that takes sentences back, against a search that runs every prefix again."""

import heapq
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from radtex.compute.seeding import seeded
from radtex.models.decoder import Decoder
from radtex.models.decoder_options import DecoderOptions
from radtex.models.decoding import beam_search, log_probabilities
from radtex.models.decoding_options import DecodingOptions
from radtex.models.taking_back import ALTERNATIVES, TAKEN_BACK, decode_taking_back
from radtex.models.tokenizer import END, START

STOPS = (4, 5)
CONTEXT = 9
SHAPE = DecoderOptions(hidden=8, layers=1, heads=2, feedforward=16, dropout=0.0)
Text = tuple[int, ...]


def random_decoder(seed: int) -> tuple[Decoder, Tensor]:
    with seeded(seed):
        decoder = Decoder(4, 12, CONTEXT, SHAPE).double().eval()
        for parameter in decoder.parameters():
            nn.init.normal_(parameter, std=0.7)
        decoder.output_bias.data[[END, *STOPS]] += 1.5
        memory = decoder.memory(3 * torch.randn(4, 4, 2, 2, dtype=torch.float64)).detach()
    return decoder, memory


def naive(
    decoder: Decoder, memory: Tensor, refuses: Callable[[Text], bool], prompt: Text
) -> tuple[Text, float]:
    accepted: tuple[Text, float] = (prompt, 0.0)
    others: list[tuple[float, Text]] = []
    way, taken_back, fed = (0.0, prompt), 0, len(prompt)
    while True:
        cost, text = way
        with torch.no_grad():
            states = decoder(torch.tensor([[START, *text]]), memory, "forward")
            log_p = log_probabilities(decoder.logits(states)[0, -1])
        fed += 1
        values, tokens = log_p.topk(1 + ALTERNATIVES)
        ways = [
            (cost - value, (*text, token))
            for value, token in zip(values.tolist(), tokens.tolist(), strict=True)
        ]
        for other in ways[1:]:
            heapq.heappush(others, other)
        way = ways[0]
        while True:
            cost, whole = way
            text = whole[:-1] if whole[-1] == END else whole
            done = whole[-1] == END or len(text) == CONTEXT
            if not done and text[-1] not in STOPS:
                break
            if text == accepted[0] or not refuses(text):
                accepted, others = (text, -cost), []
                if done:
                    return accepted
                break
            taken_back += 1
            if not others or taken_back > TAKEN_BACK:
                return accepted
            way = heapq.heappop(others)
        if fed == (1 + ALTERNATIVES) * CONTEXT:
            return accepted


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    bad=st.sets(st.integers(4, 11), max_size=4),
    prompt=st.sampled_from([(), (6,), (7, 4)]),
)
def test_equals_a_search_without_a_cache(seed: int, bad: set[int], prompt: Text) -> None:
    decoder, memory = random_decoder(seed)

    def refuses(image: int, text: Text) -> bool:
        """Each image refuses tokens of its own behind the prompt."""
        behind = text[len(prompt) :]
        return any((token + image) % 8 + 4 in bad for token in behind)

    found = decode_taking_back(decoder, memory, STOPS, refuses, prompt)
    for image, caption in enumerate(found):
        expected = naive(
            decoder, memory[image : image + 1], lambda text, of=image: refuses(of, text), prompt
        )
        assert caption.tokens == expected[0]
        assert caption.score == pytest.approx(expected[1], abs=1e-9)
        assert not refuses(image, caption.tokens)


@pytest.mark.parametrize("seed", range(5))
def test_without_a_refusal_it_is_greedy(seed: int) -> None:
    decoder, memory = random_decoder(seed)
    greedy = beam_search(decoder, memory, DecodingOptions(), (6,))
    found = decode_taking_back(decoder, memory, STOPS, lambda *_: False, (6,))
    for (expected,), caption in zip(greedy, found, strict=True):
        assert (caption.tokens, caption.ended) == (expected.tokens, expected.ended)
        assert caption.score == pytest.approx(expected.score, abs=1e-9)


def test_where_all_is_refused_the_prompt_is_left() -> None:
    decoder, memory = random_decoder(0)
    found = decode_taking_back(decoder, memory, STOPS, lambda *_: True, (6,))
    assert [caption.tokens for caption in found] == [(6,)] * 4
    assert all(caption.ended for caption in found)
