"""Maps of tokens against attention computed step by step, one text and one direction at a time."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from radtex.compute.seeding import seeded
from radtex.errors import RunError
from radtex.explaining.attention import (
    TextMaps,
    cross_attention,
    look,
    present_findings,
    text_maps,
)
from radtex.models.decoder import Block, Decoder
from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.pretrained import PretrainedModel
from radtex.models.tokenizer import START, Tokenizer

TOKENIZER = Tokenizer.train(["small left pleural effusion. no edema."] * 3, 300)
TEXTS = ["small effusion.", "there is edema, and no pneumothorax.", "no"]


def random_decoder(directions=("forward", "backward"), layers: int = 2) -> Decoder:
    options = DecoderOptions(hidden=8, layers=layers, heads=2, feedforward=16, dropout=0.1)
    with seeded(0):
        decoder = Decoder(5, len(TOKENIZER), 40, options, directions).double().eval()
        for parameter in decoder.parameters():
            nn.init.normal_(parameter, std=0.7)
    return decoder


def random_grid(images: int) -> Tensor:
    with seeded(1):
        return torch.randn(images, 5, 3, 4, dtype=torch.float64)


@pytest.mark.parametrize("direction", ["forward", "backward"])
@torch.no_grad()
def test_applied_to_the_values_gives_the_output_of_the_block(direction) -> None:
    decoder = random_decoder()
    memory = decoder.memory(random_grid(2))
    tokens = torch.tensor([[START, 5, 6, 7], [START, 8, 5, 9]])
    weights = cross_attention(decoder, tokens, memory, direction)

    first, last = decoder.stacks[decoder.directions.index(direction)].children()
    assert isinstance(last, Block)
    states = first(decoder.embed(tokens, torch.arange(tokens.shape[1])), memory)
    keys, values = last.self_attention.keys_values(states)
    states = last.norms[0](states + last.self_attention.attend(states, keys, values, causal=True))
    mixed = (weights @ last.cross_attention.keys_values(memory)[1]).transpose(1, 2).flatten(2)
    states = last.norms[1](states + last.cross_attention.output(mixed))
    torch.testing.assert_close(
        last._contract(states, last.expand(states)), decoder(tokens, memory, direction)
    )


@torch.no_grad()
def test_leaves_no_hook_behind() -> None:
    decoder = random_decoder()
    memory = decoder.memory(random_grid(1))
    cross_attention(decoder, torch.tensor([[START, 5]]), memory, "forward")
    assert not any(module._forward_hooks for module in decoder.modules())


@pytest.mark.parametrize("directions", [("forward",), ("forward", "backward")])
@torch.no_grad()
def test_a_token_has_the_attention_of_the_step_that_writes_it(directions) -> None:
    decoder = random_decoder(directions)
    grid = random_grid(len(TEXTS))
    maps = text_maps(decoder, TOKENIZER, grid, [TOKENIZER.encode(text) for text in TEXTS])
    for image, (text, found) in enumerate(zip(TEXTS, maps, strict=True)):
        tokens = TOKENIZER.encode(text)
        memory = decoder.memory(grid[image : image + 1])
        for place in range(len(tokens)):
            steps = []
            for direction in directions:
                before = tokens[:place] if direction == "forward" else tokens[:place:-1]
                inputs = torch.tensor([[START, *before]])
                steps.append(cross_attention(decoder, inputs, memory, direction)[0, :, -1])
            expected = torch.stack(steps).mean(dim=(0, 1)).view(3, 4).numpy()
            np.testing.assert_allclose(found.maps[place], expected, rtol=1e-5)
    assert all(np.allclose(found.maps.sum(axis=(1, 2)), 1) for found in maps)


@settings(deadline=None, max_examples=60)
@given(
    st.text(min_size=1, max_size=8).filter(lambda text: TOKENIZER.decode(TOKENIZER.encode(text)))
)
@torch.no_grad()
def test_every_word_has_a_map(text: str) -> None:
    decoder = random_decoder(layers=1)
    (found,) = text_maps(decoder, TOKENIZER, random_grid(1), [TOKENIZER.encode(text)])
    assert found.spans[-1, 1] == len(found.text)
    start = 0
    for word in found.text.split():
        start = found.text.index(word, start)
        assert np.isclose(found.over(((start, start + len(word)),)).sum(), 1)
        start += len(word)


@pytest.mark.parametrize("text", ["", "  "])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(RunError, match="the text is empty"):
        text_maps(random_decoder(), TOKENIZER, random_grid(1), [TOKENIZER.encode(text)])


def test_merges_the_tokens_that_touch_a_span() -> None:
    maps = np.arange(4, dtype=np.float32).reshape(4, 1, 1)
    found = TextMaps("ab cd ef", np.array([[0, 2], [2, 4], [4, 5], [5, 8]]), maps)
    assert found.over(((3, 5),)).item() == 1.5
    assert found.over(((0, 2), (6, 8))).item() == 1.5
    assert found.over(((0, 8), (3, 5))).item() == 1.5


def test_the_context_is_filled_to_its_end_and_no_further() -> None:
    decoder = random_decoder(layers=1)
    words = list(range(10, 50))
    (found,) = text_maps(decoder, TOKENIZER, random_grid(1), [words])
    assert len(found.maps) == 40
    with pytest.raises(RunError, match=r"41 tokens.*holds 40; shorten"):
        text_maps(decoder, TOKENIZER, random_grid(1), [[*words, 10]])


def test_a_run_without_decoder_does_not_look() -> None:
    model = PretrainedModel(
        Encoder("test_resnet", 64).eval(), None, None, EncoderInput(64, 0.0, 1.0)
    )
    with pytest.raises(RunError, match="cannot write"):
        look(model, np.zeros((1, 64, 64), np.uint8), [[5, 6]])


def test_finds_where_findings_are_said_to_be_present() -> None:
    text = "no edema. small pleural effusion. possible pneumonia. moderate effusion."
    found = present_findings(text)
    assert list(found) == ["Pleural Effusion"]
    words = [text[slice(*span)] for span in found["Pleural Effusion"]]
    assert [word.split()[-1] for word in words] == ["effusion", "effusion"]
    assert present_findings("no acute disease.") == {}
