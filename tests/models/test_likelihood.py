"""Log-likelihoods of texts, against the decoder run again for each token."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from radtex.compute.seeding import seeded
from radtex.models.decoder import Decoder, Direction
from radtex.models.decoder_options import DecoderOptions
from radtex.models.likelihood import log_likelihoods
from radtex.models.tokenizer import END

Naive = Callable[[Decoder, Tensor, list[int], Direction], float]
TEXTS = [[5, 9, 11], [7], [4, 4, 8, 6, 10], []]
"""Two of each image."""


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    with seeded(1):
        made = Decoder(12, 14, 8, DecoderOptions(16, 1, 2, 32, 0.1))
        for parameter in made.parameters():
            torch.nn.init.normal_(parameter, std=0.5)
    return made.eval()


@pytest.fixture(scope="module")
def memory(decoder: Decoder) -> Tensor:
    with seeded(2), torch.no_grad():
        return decoder.memory(torch.randn(2, 12, 2, 2))


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("whole", [True, False])
def test_they_are_the_sums_of_a_loop_over_tokens(
    decoder: Decoder,
    memory: Tensor,
    naive_log_likelihood: Naive,
    direction: Direction,
    whole: bool,
) -> None:
    found = log_likelihoods(decoder, memory, TEXTS, direction, whole)
    assert found.shape == (4,)
    for number, text in enumerate(TEXTS):
        tokens = text[::-1] if direction == "backward" else text
        tokens = [*tokens, END] if whole else tokens
        own = memory[number // 2 : number // 2 + 1]
        expected = naive_log_likelihood(decoder, own, tokens, direction)
        assert float(found[number]) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_text_beyond_the_context_is_cut_and_has_no_end(
    decoder: Decoder, memory: Tensor, naive_log_likelihood: Naive, direction: Direction
) -> None:
    text = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    (found,) = log_likelihoods(decoder, memory[:1], [text], direction, whole=True).tolist()
    seen = text[:8] if direction == "forward" else text[:1:-1]
    assert found == pytest.approx(
        naive_log_likelihood(decoder, memory[:1], seen, direction), abs=1e-4
    )


def test_longer_neighbours_do_not_matter(decoder: Decoder, memory: Tensor) -> None:
    alone = log_likelihoods(decoder, memory[:1], [[5, 9]], "forward", whole=True)
    beside = log_likelihoods(decoder, memory[:1], [[5, 9], [4] * 7], "forward", whole=True)
    torch.testing.assert_close(beside[:1], alone)
