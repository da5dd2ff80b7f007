import pytest
import torch
from torch import Tensor, nn

from radtex.compute.seeding import seeded
from radtex.models.decoder import Decoder
from radtex.models.decoder_options import DecoderOptions
from radtex.models.ragged import Ragged, ragged_indices

OPTIONS = DecoderOptions(hidden=16, layers=2, heads=4, feedforward=32, dropout=0.0)
VOCABULARY = 30


@pytest.fixture
def decoder() -> Decoder:
    with seeded(1):
        decoder = Decoder(8, VOCABULARY, 12, OPTIONS).double().eval()
        for parameter in decoder.parameters():
            nn.init.normal_(parameter, std=0.3)
    return decoder


@pytest.fixture
def memory(decoder: Decoder) -> Tensor:
    with seeded(2):
        grid = torch.randn(3, 8, 2, 2, dtype=torch.float64)
    return decoder.memory(grid)


def tokens(length: int) -> Tensor:
    with seeded(3):
        return torch.randint(4, VOCABULARY, (3, length))


def test_no_position_sees_the_tokens_behind_it(decoder: Decoder, memory: Tensor) -> None:
    text = tokens(8)
    changed = text.clone()
    changed[:, 5:] = 4
    for direction in decoder.directions:
        before = decoder(text, memory, direction)
        after = decoder(changed, memory, direction)
        assert torch.equal(before[:, :5], after[:, :5])
        assert not torch.allclose(before[:, 5:], after[:, 5:])


def test_where_it_is_not_causal_every_position_sees_all_of_them(
    decoder: Decoder, memory: Tensor
) -> None:
    text = tokens(8)
    states = decoder(text, memory, "forward", causal=False)
    for place in range(8):
        other = text.clone()
        other[:, place] = 4 + (text[:, place] == 4)
        moved = (decoder(other, memory, "forward", causal=False) - states).abs().amax(dim=2)
        assert (moved > 1e-6).all()


def test_the_states_of_real_tokens_and_their_gradients_are_those_of_the_padded_text(
    decoder: Decoder,
) -> None:
    text = tokens(8)
    real = torch.arange(8) < torch.tensor([[8], [1], [5]])
    texts = Ragged(*ragged_indices(real))
    with seeded(2):
        grid = torch.randn(3, 8, 2, 2, dtype=torch.float64)
        weight = torch.randn(14, 16, dtype=torch.float64)

    def gradients(states: Tensor) -> list[Tensor]:
        decoder.zero_grad()
        (states * weight).sum().backward()
        return [p.grad.clone() for p in decoder.parameters() if p.grad is not None]

    for direction in decoder.directions:
        padded = decoder(text, decoder.memory(grid), direction)[real]
        alone = decoder.real_states(text, texts, decoder.memory(grid), direction)
        torch.testing.assert_close(alone, padded)
        for ours, theirs in zip(gradients(alone), gradients(padded), strict=True):
            torch.testing.assert_close(ours, theirs)


def test_no_layer_works_on_padding(decoder: Decoder, memory: Tensor) -> None:
    """Of the image's side there is none, and attention itself has no weights."""
    real = torch.arange(8) < torch.tensor([[8], [1], [5]])
    worked_on = []
    for name, module in decoder.stacks.named_modules():
        if isinstance(module, nn.Linear | nn.LayerNorm) and "cross_attention.key" not in name:
            module.register_forward_hook(lambda _, inputs, __: worked_on.append(inputs[0].shape))
    decoder.real_states(tokens(8), Ragged(*ragged_indices(real)), memory, "forward")
    assert len(worked_on) == 2 * 10
    assert {shape[:-1].numel() for shape in worked_on} == {14}


def test_every_image_cell_is_read(decoder: Decoder, memory: Tensor) -> None:
    before = decoder(tokens(4), memory, "forward")
    for cell in range(memory.shape[1]):
        other = memory.clone()
        other[:, cell] += 1
        assert not torch.allclose(before, decoder(tokens(4), other, "forward"))


def test_one_layer_equals_torch_decoder_layer(memory: Tensor, decoder: Decoder) -> None:
    """The block is nn.TransformerDecoderLayer in its post-norm form, the one VirTex uses."""
    block = decoder.blocks("forward")[0]
    oracle = nn.TransformerDecoderLayer(16, 4, 32, 0.0, "gelu", batch_first=True).double().eval()
    for ours, theirs in (
        (block.self_attention, oracle.self_attn),
        (block.cross_attention, oracle.multihead_attn),
    ):
        weight = torch.cat([ours.query.weight, ours.key_value.weight])
        bias = torch.cat([ours.query.bias, ours.key_value.bias])
        theirs.in_proj_weight.data.copy_(weight)
        theirs.in_proj_bias.data.copy_(bias)
        theirs.out_proj.load_state_dict(ours.output.state_dict())
    oracle.linear1.load_state_dict(block.expand.state_dict())
    oracle.linear2.load_state_dict(block.contract.state_dict())
    for number, norm in enumerate((oracle.norm1, oracle.norm2, oracle.norm3)):
        norm.load_state_dict(block.norms[number].state_dict())
    states = torch.randn(3, 6, 16, dtype=torch.float64)
    mask = nn.Transformer.generate_square_subsequent_mask(6, dtype=torch.float64)
    expected = oracle(states, memory, tgt_mask=mask, tgt_is_causal=True)
    torch.testing.assert_close(block(states, memory), expected)


def test_steps_with_the_cache_equal_the_whole_sequence(decoder: Decoder, memory: Tensor) -> None:
    text = tokens(9)
    for direction in decoder.directions:
        caches = decoder.start(memory, direction)
        whole = decoder.logits(decoder(text, memory, direction))
        first = decoder.step(text[:, :3], 0, caches, direction)
        torch.testing.assert_close(first, whole[:, 2])
        for position in range(3, 9):
            step = decoder.step(text[:, position : position + 1], position, caches, direction)
            torch.testing.assert_close(step, whole[:, position])


@torch.inference_mode()
def test_steps_that_write_equal_the_whole_sequence_however_long_it_is() -> None:
    with seeded(1):
        decoder = Decoder(8, VOCABULARY, 24, OPTIONS).double().eval()
        memory = decoder.memory(torch.randn(3, 8, 2, 2, dtype=torch.float64))
    text, caches = tokens(24), decoder.start(memory)
    whole = decoder.logits(decoder(text, memory, "forward"))
    for position in range(24):
        step = decoder.step(text[:, position : position + 1], position, caches)
        torch.testing.assert_close(step, whole[:, position])


def test_directions_share_all_but_their_blocks() -> None:
    one = Decoder(8, VOCABULARY, 12, OPTIONS, ("forward",))
    both = Decoder(8, VOCABULARY, 12, OPTIONS)
    assert weights(both) - weights(one) == weights(one.stacks)


def test_the_output_layer_is_the_token_embedding(decoder: Decoder) -> None:
    states = torch.randn(2, 16, dtype=torch.float64)
    expected = states @ decoder.tokens.weight.T + decoder.output_bias
    torch.testing.assert_close(decoder.logits(states), expected)


def test_weights_begin_as_virtex_draws_them_scaled_to_the_width() -> None:
    with seeded(0):
        decoder = Decoder(64, 500, 12, DecoderOptions(64, 1, 4, 128, 0.1))
    assert decoder.tokens.weight.std().item() == pytest.approx(0.08, rel=0.05)
    assert decoder.blocks("backward")[0].expand.weight.std().item() == pytest.approx(0.08, rel=0.05)
    assert decoder.embedding_norm.eps == 1e-8


def weights(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
