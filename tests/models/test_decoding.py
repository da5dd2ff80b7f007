"""Search and sampling against naive ones that run the whole prefix again at every step."""

import itertools
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from radtex.compute.seeding import seeded
from radtex.models.decoder import Decoder
from radtex.models.decoder_options import DecoderOptions
from radtex.models.decoding import Caption, beam_search, decode, greedy, sample
from radtex.models.decoding_options import DecodingOptions
from radtex.models.tokenizer import END, MASK, PAD, START

VOCABULARY = 12
Found = tuple[float, list[int], bool]


def random_decoder(
    seed: int, max_tokens: int = 9, end_bias: float = 0.0, vocabulary: int = VOCABULARY
) -> Decoder:
    options = DecoderOptions(hidden=8, layers=2, heads=2, feedforward=16, dropout=0.0)
    with seeded(seed):
        decoder = Decoder(4, vocabulary, max_tokens, options).double().eval()
        for parameter in decoder.parameters():
            nn.init.normal_(parameter, std=0.7)
    decoder.output_bias.data[END] += end_bias
    return decoder


def random_memory(decoder: Decoder, images: int, seed: int = 0) -> Tensor:
    with seeded(seed, 1):
        return decoder.memory(4 * torch.randn(images, 4, 2, 2, dtype=torch.float64)).detach()


def next_scores(decoder: Decoder, memory: Tensor, words: list[int]) -> list[float]:
    """Log-probabilities after START and `words`, with nothing kept between calls."""
    with torch.no_grad():
        states = decoder(torch.tensor([[START, *words]]), memory, "forward")
        logits = decoder.logits(states)[0, -1].clone()
    logits[[PAD, START, MASK]] = -torch.inf
    return logits.log_softmax(-1).tolist()


def allowed_scores(scores: list[float], words: list[int], options: DecodingOptions) -> list[float]:
    """The same, −∞ for what the options forbid."""
    n = options.no_repeat
    runs = {tuple(words[i : i + n]) for i in range(len(words) - n + 1)} if n else set()
    kept = [
        -math.inf if tuple([*words, token][-n:]) in runs and n <= len(words) + 1 else score
        for token, score in enumerate(scores)
    ]
    others = [s for token, s in enumerate(kept) if token != END]
    if len(words) < options.min_tokens and max(others) > -math.inf:
        kept[END] = -math.inf
    return kept


def naive_search(
    decoder: Decoder, memory: Tensor, options: DecodingOptions, prompt: list[int], wanted: int
) -> list[Found]:
    """Never stops early, so it also shows that the stop of the search loses nothing."""
    living: list[tuple[float, list[int]]] = [(0.0, prompt)]
    found: list[Found] = []
    for length in range(1, decoder.max_tokens - len(prompt) + 1):
        follow = [
            (score + step, words, token)
            for score, words in living
            for token, step in enumerate(
                allowed_scores(next_scores(decoder, memory, words), words, options)
            )
            if step > -math.inf
        ]
        follow.sort(key=lambda option: -option[0])
        divisor = length**options.length_penalty
        best = follow[: options.beams]
        found += [(score / divisor, words, True) for score, words, token in best if token == END]
        living = [(s, [*words, token]) for s, words, token in follow if token != END]
        living = living[: options.beams]
    found += [(score / divisor, words, False) for score, words in living]
    return sorted(found, key=lambda option: -option[0])[:wanted]


def naive_sample(
    decoder: Decoder,
    memory: Tensor,
    options: DecodingOptions,
    prompt: list[int],
    generator: torch.Generator,
) -> Found:
    words, total = list(prompt), 0.0
    longest = decoder.max_tokens - len(prompt)
    draws = torch.rand(longest, generator=generator, dtype=torch.float64).tolist()
    for length, draw in enumerate(draws, 1):
        scores = next_scores(decoder, memory, words)
        weights = [
            math.exp(s / options.temperature) for s in allowed_scores(scores, words, options)
        ]
        ranked = sorted(range(VOCABULARY), key=lambda token: -weights[token])
        nucleus: list[int] = []
        while sum(weights[t] for t in nucleus) / sum(weights) < options.top_p - 1e-12:
            nucleus.append(ranked[len(nucleus)])
        mark = draw * sum(weights[t] for t in nucleus)
        reached = itertools.accumulate(weights[t] for t in nucleus)
        token = next(t for t, sum_so_far in zip(nucleus, reached, strict=True) if sum_so_far > mark)
        total += scores[token]
        if token == END:
            return total / length**options.length_penalty, words, True
        words.append(token)
    return total / longest**options.length_penalty, words, False


def assert_same(captions: list[Caption], expected: list[Found]) -> None:
    assert [list(caption.tokens) for caption in captions] == [words for _, words, _ in expected]
    assert [caption.ended for caption in captions] == [ended for _, _, ended in expected]
    assert [caption.score for caption in captions] == pytest.approx(
        [score for score, _, _ in expected], abs=1e-9
    )


def by_one_beam(decoder: Decoder, memory: Tensor, options: DecodingOptions) -> list[Caption]:
    return [found[0] for found in beam_search(decoder, memory, options)]


CONSTRAINTS = {
    "length_penalty": st.sampled_from([0.0, 0.3, 0.6, 1.0, 2.0]),
    "no_repeat": st.integers(0, 4),
    "min_tokens": st.integers(0, 11),
}
PROMPTS = st.lists(st.integers(MASK + 1, VOCABULARY - 1), max_size=8)
SEEDS = st.integers(0, 10_000)
END_BIAS = st.sampled_from([-50.0, 0.0, 1.0, 3.0, 6.0])


@settings(max_examples=40, deadline=None)
@given(
    SEEDS,
    END_BIAS,
    st.builds(DecodingOptions, beams=st.integers(1, 6), **CONSTRAINTS),
    PROMPTS,
    st.integers(1, 6),
)
def test_the_search_equals_the_naive_one(
    seed: int, end_bias: float, options: DecodingOptions, prompt: list[int], wanted: int
) -> None:
    decoder = random_decoder(seed, end_bias=end_bias)
    memory = random_memory(decoder, 3, seed)
    captions = beam_search(decoder, memory, options, tuple(prompt), wanted)
    for image, found in enumerate(captions):
        one = memory[image : image + 1]
        assert_same(found, naive_search(decoder, one, options, prompt, wanted))


@settings(max_examples=40, deadline=None)
@given(
    SEEDS,
    END_BIAS,
    st.builds(
        DecodingOptions,
        top_p=st.sampled_from([0.05, 0.3, 0.7, 0.95, 1.0]),
        temperature=st.sampled_from([0.3, 1.0, 2.0]),
        **CONSTRAINTS,
    ),
    PROMPTS,
)
def test_sampling_equals_the_naive_one(
    seed: int, end_bias: float, options: DecodingOptions, prompt: list[int]
) -> None:
    decoder = random_decoder(seed, end_bias=end_bias)
    memory = random_memory(decoder, 3, seed)
    generators = [torch.Generator().manual_seed(seed + image) for image in range(3)]
    captions = sample(decoder, memory, options, generators, tuple(prompt))
    for image, caption in enumerate(captions):
        generator = torch.Generator().manual_seed(seed + image)
        one = memory[image : image + 1]
        assert_same([caption], [naive_sample(decoder, one, options, prompt, generator)])


@settings(max_examples=40, deadline=None)
@given(SEEDS, END_BIAS, PROMPTS, st.integers(0, 4), st.integers(0, 11))
def test_greedy_writing_equals_the_naive_search(
    seed: int, end_bias: float, prompt: list[int], no_repeat: int, min_tokens: int
) -> None:
    decoder = random_decoder(seed, end_bias=end_bias)
    memory = random_memory(decoder, 3, seed)
    options = DecodingOptions(no_repeat=no_repeat, min_tokens=min_tokens)
    for image, caption in enumerate(greedy(decoder, memory, options, tuple(prompt))):
        one = memory[image : image + 1]
        assert_same([caption], naive_search(decoder, one, options, prompt, wanted=1))


@pytest.mark.parametrize(("seed", "end_bias"), [(3, -1.0), (3, 1.0), (7, 1.0), (10, -4.0)])
def test_many_images_are_written_greedily_as_by_one_beam(seed: int, end_bias: float) -> None:
    """So many that images are dropped by several of the multiples of 16 and one by one."""
    decoder = random_decoder(seed, max_tokens=20, end_bias=end_bias, vocabulary=40)
    memory = random_memory(decoder, 75)
    searched = by_one_beam(decoder, memory, DecodingOptions(no_repeat=1))
    written = decode(decoder, memory, DecodingOptions(no_repeat=1))
    assert len({len(caption.tokens) for caption in written}) > 5
    assert [each.tokens for each in written] == [each.tokens for each in searched]
    assert [each.ended for each in written] == [each.ended for each in searched]
    assert [each.score for each in written] == pytest.approx([each.score for each in searched])


@pytest.mark.parametrize("seed", range(10))
def test_one_beam_is_greedy(seed: int) -> None:
    decoder = random_decoder(seed, end_bias=2.0)
    memory = random_memory(decoder, 2, seed)
    for image, (caption,) in enumerate(beam_search(decoder, memory, DecodingOptions())):
        words: list[int] = []
        while len(words) < decoder.max_tokens:
            scores = next_scores(decoder, memory[image : image + 1], words)
            if (token := scores.index(max(scores))) == END:
                break
            words.append(token)
        assert list(caption.tokens) == words


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_enough_beams_find_the_most_likely_of_all_texts(alpha: float) -> None:
    decoder = random_decoder(2, max_tokens=3, vocabulary=7)
    memory = random_memory(decoder, 1)
    every = [
        list(words) for length in range(4) for words in itertools.product((4, 5, 6), repeat=length)
    ]
    found: list[tuple[float, list[int]]] = []
    for words in every:
        text = [*words, END][: decoder.max_tokens]
        total = sum(next_scores(decoder, memory, text[:i])[t] for i, t in enumerate(text))
        found.append((total / len(text) ** alpha, words))
    found.sort(key=lambda option: -option[0])
    options = DecodingOptions(beams=100, length_penalty=alpha)
    (captions,) = beam_search(decoder, memory, options, wanted=len(every))
    assert [list(caption.tokens) for caption in captions] == [words for _, words in found]


@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_the_score_is_that_of_the_sequence_with_its_start_token(alpha: float) -> None:
    """VirTex drops the start token after the first step; here training and decoding agree."""
    decoder = random_decoder(0, end_bias=3.0)
    memory = random_memory(decoder, 3)
    options = DecodingOptions(beams=4, length_penalty=alpha)
    for image, (caption,) in enumerate(beam_search(decoder, memory, options)):
        one = memory[image : image + 1]
        text = [*caption.tokens, END] if caption.ended else list(caption.tokens)
        total = sum(next_scores(decoder, one, text[:i])[token] for i, token in enumerate(text))
        assert caption.score == pytest.approx(total / len(text) ** alpha, abs=1e-9)


@pytest.mark.parametrize("options", [DecodingOptions(beams=3), DecodingOptions(top_p=0.9)])
def test_the_other_images_do_not_matter(options: DecodingOptions) -> None:
    decoder = random_decoder(10, end_bias=2.0)
    memory = random_memory(decoder, 6)

    def write(images: list[int]) -> list[tuple[int, ...]]:
        if options.top_p is None:
            return [found[0].tokens for found in beam_search(decoder, memory[images], options)]
        generators = [torch.Generator().manual_seed(image) for image in images]
        return [found.tokens for found in sample(decoder, memory[images], options, generators)]

    together = write([0, 1, 2, 3, 4, 5])
    assert len({len(tokens) for tokens in together}) > 1
    assert together == [write([image])[0] for image in range(6)]
    assert write([4, 1]) == [together[4], together[1]]


def test_where_every_token_is_forbidden_the_report_ends() -> None:
    decoder = random_decoder(1, max_tokens=9, end_bias=-50.0, vocabulary=7)
    memory = random_memory(decoder, 2)
    searched = DecodingOptions(beams=2, no_repeat=1, min_tokens=9)
    drawn = DecodingOptions(top_p=1.0, no_repeat=1, min_tokens=9)
    generators = [torch.Generator().manual_seed(image) for image in range(2)]
    captions = [found[0] for found in beam_search(decoder, memory, searched)]
    for caption in captions + sample(decoder, memory, drawn, generators):
        assert sorted(caption.tokens) == [4, 5, 6]
        assert caption.ended


def test_each_step_feeds_one_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the cache, no prefix is run again, and no prompt is run once per beam."""
    decoder = random_decoder(1, end_bias=-50.0)
    memory = random_memory(decoder, 2)
    fed = []
    step = decoder.step
    monkeypatch.setattr(
        decoder,
        "step",
        lambda tokens, *rest, **named: (
            fed.append(tuple(tokens.shape)),
            step(tokens, *rest, **named),
        )[1],
    )
    captions = beam_search(decoder, memory, DecodingOptions(beams=3), prompt=(5, 7))
    assert all(len(found[0].tokens) == decoder.max_tokens for found in captions)
    assert fed == [(2, 3)] + [(6, 1)] * (decoder.max_tokens - 3)


@pytest.mark.parametrize("write", [greedy, by_one_beam])
def test_finished_images_are_dropped(
    monkeypatch: pytest.MonkeyPatch, write: Callable[..., list[Caption]]
) -> None:
    decoder = random_decoder(10, end_bias=2.0)
    memory = random_memory(decoder, 6)
    fed = []
    step = decoder.step
    monkeypatch.setattr(
        decoder,
        "step",
        lambda tokens, *rest, **named: (fed.append(len(tokens)), step(tokens, *rest, **named))[1],
    )
    lengths = [len(caption.tokens) for caption in write(decoder, memory, DecodingOptions())]
    steps = min(max(lengths) + 1, decoder.max_tokens)  # a full context asks for no further token
    assert fed == [sum(length >= step for length in lengths) for step in range(steps)]
    assert fed[-1] < len(memory)
