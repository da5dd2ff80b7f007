"""The transformer that reads whole texts, with and without their image."""

import math

import pytest
import torch
from torch import Tensor

from radtex.compute.seeding import seeded
from radtex.models.decoder_options import DecoderOptions
from radtex.models.text_encoder import TextEncoder
from radtex.models.tokenizer import END, PAD, START

OPTIONS = DecoderOptions(hidden=16, layers=2, heads=2, feedforward=32, dropout=0.1)
WIDTH = 12


@pytest.fixture(params=[None, WIDTH], ids=["text alone", "with its image"])
def encoder(request: pytest.FixtureRequest) -> TextEncoder:
    with seeded(0):
        made = TextEncoder(30, 9, OPTIONS, request.param)
        for parameter in made.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return made.eval()


def grid_of(seed: int) -> Tensor:
    return torch.randn(2, WIDTH, 2, 3, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def test_a_state_knows_the_tokens_on_both_sides(encoder: TextEncoder) -> None:
    tokens = torch.tensor([[START, 5, 6, 7, END], [START, 8, 9, 10, END]])
    states = encoder(tokens, grid_of(0))
    assert states.shape == (2, 5, 16)
    for place in (1, 3):
        other = tokens.clone()
        other[0, place] = 20
        change = (encoder(other, grid_of(0)) - states).abs().amax(2)
        assert (change[0] > 1e-4).all()
        assert (change[1] == 0).all()


@torch.no_grad()
def test_padding_changes_nothing(encoder: TextEncoder) -> None:
    text = torch.tensor([[START, 5, 6, END]])
    padded = torch.tensor([[START, 5, 6, END, PAD, PAD]])
    grid = grid_of(0)[:1]
    torch.testing.assert_close(encoder(padded, grid)[:, :4], encoder(text, grid))


@torch.no_grad()
def test_the_order_of_the_tokens_matters(encoder: TextEncoder) -> None:
    one, other = torch.tensor([[START, 5, 6, END]]), torch.tensor([[START, 6, 5, END]])
    starts = [encoder(tokens, grid_of(0)[:1])[:, 0] for tokens in (one, other)]
    assert not torch.allclose(*starts, atol=1e-4)


@torch.no_grad()
def test_only_one_built_for_images_reads_them(encoder: TextEncoder) -> None:
    tokens = torch.tensor([[START, 5, END], [START, 6, END]])
    same = torch.equal(encoder(tokens, grid_of(0)), encoder(tokens, grid_of(1)))
    assert same == (encoder.project is None)


def test_weights_begin_as_those_of_the_decoder() -> None:
    with seeded(0):
        encoder = TextEncoder(3000, 50, DecoderOptions(64, 1, 4, 256, 0.1), WIDTH)
    expected = 0.02 * math.sqrt(1024 / 64)
    for name, parameter in encoder.named_parameters():
        if parameter.ndim > 1 and parameter.numel() > 4000:
            assert parameter.std().item() == pytest.approx(expected, rel=0.05), name
        elif name.endswith("bias"):
            assert not parameter.any(), name
