import pytest
import torch

from radtex.models.decoder import Decoder
from radtex.models.decoder_options import DecoderOptions
from radtex.models.packing import PackedLinear, packed


@pytest.fixture
def decoder() -> Decoder:
    torch.manual_seed(0)
    shape = DecoderOptions(hidden=32, layers=2, heads=4, feedforward=64)
    return Decoder(24, 300, 20, shape).eval()


@torch.inference_mode()
def test_packed_steps_give_the_scores_of_the_plain_ones(decoder: Decoder) -> None:
    memory = decoder.memory(torch.randn(3, 24, 2, 2))
    tokens = torch.randint(5, 300, (6, 4))
    scores = []
    for one in (decoder, packed(decoder, 6)):
        caches = one.start(memory, sequences=2)
        opening = one.step(tokens[::2, :1], 0, caches)
        own = torch.eye(2, dtype=torch.bool).expand(3, -1, -1)
        visible = torch.cat([torch.ones(3, 2, 1, dtype=torch.bool), own], dim=2)
        scores += [opening, one.step(tokens[:, 1:2], 1, caches, visible=visible)]
    torch.testing.assert_close(scores[2:], scores[:2], rtol=1e-4, atol=1e-5)


def test_packing_leaves_the_decoder_as_it_is(decoder: Decoder) -> None:
    names = list(decoder.state_dict())
    copied = packed(decoder, 6)
    assert isinstance(copied.packed_output, PackedLinear)
    assert list(decoder.state_dict()) == names
    assert decoder.packed_output is None
    assert copied.tokens.weight is decoder.tokens.weight
    assert not any(isinstance(module, PackedLinear) for module in decoder.modules())


def test_only_float32_is_packed(decoder: Decoder) -> None:
    assert packed(decoder.double(), 6) is decoder
