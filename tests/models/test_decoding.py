"""Beam search against a search that runs the whole prefix again at every step."""

import pytest
import torch
from torch import Tensor, nn

from radtex.models.decoder import Decoder, DecoderOptions
from radtex.models.decoding import beam_search
from radtex.models.seeding import seeded
from radtex.models.tokenizer import END, MASK, PAD, START

VOCABULARY = 12


def random_decoder(seed: int, max_tokens: int = 9, end_bias: float = 0.0) -> Decoder:
    options = DecoderOptions(hidden=8, layers=1, heads=2, feedforward=16, dropout=0.0)
    with seeded(seed):
        decoder = Decoder(4, VOCABULARY, max_tokens, options).double().eval()
        for parameter in decoder.parameters():
            nn.init.normal_(parameter, std=0.7)
    decoder.output_bias.data[END] += end_bias
    return decoder


def next_scores(decoder: Decoder, memory: Tensor, words: list[int]) -> Tensor:
    """Log-probabilities after START and `words`, with nothing kept between calls."""
    states = decoder(torch.tensor([[START, *words]]), memory, "forward")
    logits = decoder.logits(states)[0, -1].clone()
    logits[[PAD, START, MASK]] = -torch.inf
    return logits.log_softmax(-1)


def naive_search(
    decoder: Decoder, memory: Tensor, beams: int, prompt: list[int]
) -> tuple[list[int], bool]:
    living: list[tuple[float, list[int]]] = [(0.0, prompt)]
    ended: list[tuple[float, list[int]]] = []
    for _ in range(len(prompt), decoder.max_tokens):
        options = [
            (score + float(step), words, token)
            for score, words in living
            for token, step in enumerate(next_scores(decoder, memory, words))
            if step > -torch.inf
        ]
        options.sort(key=lambda option: -option[0])
        top = options[: 2 * beams]
        ended += [(score, words) for score, words, token in top if token == END]
        living = [(s, [*words, token]) for s, words, token in top if token != END][:beams]
        if ended and max(ended)[0] >= living[0][0]:
            break
    best = max(ended, key=lambda e: e[0], default=(-torch.inf, []))
    if living[0][0] > best[0]:
        return living[0][1], False
    return best[1], True


@pytest.mark.parametrize("beams", [1, 2, 5])
@pytest.mark.parametrize("seed", range(8))
@torch.no_grad()
def test_equals_the_naive_search(seed: int, beams: int) -> None:
    decoder = random_decoder(seed, end_bias=2.0 * (seed % 3))
    with seeded(seed, 1):
        memory = decoder.memory(torch.randn(4, 4, 2, 2, dtype=torch.float64))
    captions = beam_search(decoder, memory, beams)
    for image, caption in enumerate(captions):
        words, ended = naive_search(decoder, memory[image : image + 1], beams, [])
        assert list(caption.tokens) == words
        assert caption.ended == ended


@pytest.mark.parametrize("beams", [1, 3])
@torch.no_grad()
def test_continues_a_prompt(beams: int) -> None:
    decoder = random_decoder(3)
    memory = decoder.memory(torch.randn(2, 4, 2, 2, dtype=torch.float64))
    captions = beam_search(decoder, memory, beams, prompt=(5, 7))
    for image, caption in enumerate(captions):
        words, _ = naive_search(decoder, memory[image : image + 1], beams, [5, 7])
        assert list(caption.tokens) == words
        assert caption.tokens[:2] == (5, 7)


@torch.no_grad()
def test_the_score_is_that_of_the_sequence_with_its_start_token() -> None:
    """VirTex drops the start token after the first step; here training and decoding agree."""
    decoder = random_decoder(0, end_bias=3.0)
    memory = decoder.memory(torch.randn(3, 4, 2, 2, dtype=torch.float64))
    for image, caption in enumerate(beam_search(decoder, memory, 4)):
        one = memory[image : image + 1]
        text = [*caption.tokens, END] if caption.ended else list(caption.tokens)
        total = sum(
            float(next_scores(decoder, one, text[:i])[token]) for i, token in enumerate(text)
        )
        assert caption.score == pytest.approx(total, abs=1e-9)


@torch.no_grad()
def test_the_batch_does_not_matter() -> None:
    decoder = random_decoder(5, end_bias=1.0)
    memory = decoder.memory(torch.randn(6, 4, 2, 2, dtype=torch.float64))
    together = beam_search(decoder, memory, 3)
    alone = [beam_search(decoder, memory[i : i + 1], 3)[0] for i in range(6)]
    assert [c.tokens for c in together] == [c.tokens for c in alone]


@torch.no_grad()
def test_each_step_feeds_one_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the cache, no prefix is run again."""
    decoder = random_decoder(1, end_bias=-50.0)
    memory = decoder.memory(torch.randn(2, 4, 2, 2, dtype=torch.float64))
    fed = []
    step = decoder.step
    monkeypatch.setattr(
        decoder, "step", lambda tokens, *rest: (fed.append(tokens.shape[1]), step(tokens, *rest))[1]
    )
    captions = beam_search(decoder, memory, 2)
    assert all(len(caption.tokens) == decoder.max_tokens for caption in captions)
    assert fed == [1] * decoder.max_tokens
