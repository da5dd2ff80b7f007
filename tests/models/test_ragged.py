"""Texts without their padding, against loops over texts and tokens."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from radtex.models.ragged import Ragged, ragged_indices

lengths = st.lists(st.integers(0, 5), min_size=1, max_size=5)


def mask_of(counts: list[int], width: int = 5) -> Tensor:
    return torch.arange(width) < torch.tensor(counts)[:, None]


@given(lengths)
def test_tokens_are_packed_text_by_text(counts: list[int]) -> None:
    texts = Ragged(*ragged_indices(mask_of(counts)))
    padded = torch.randn(len(counts), 5, 3)
    expected = [padded[text, place] for text, n in enumerate(counts) for place in range(n)]
    packed = texts.pack(padded)
    assert packed.shape == (sum(counts), 3)
    assert all(torch.equal(one, other) for one, other in zip(packed, expected, strict=True))
    where = [(text, place) for text, n in enumerate(counts) for place in range(n)]
    found = list(zip(texts.texts.tolist(), texts.positions.tolist(), strict=True))
    assert found == where


@given(lengths)
def test_padding_them_again_leaves_zeros_between(counts: list[int]) -> None:
    real = mask_of(counts)
    texts = Ragged(*ragged_indices(real))
    padded = torch.randn(len(counts), 5, 3)
    assert torch.equal(texts.pad(texts.pack(padded)), padded * real.unsqueeze(2))


def test_a_gap_in_a_text_is_left_out_too() -> None:
    real = torch.tensor([[True, False, True], [False, True, False]])
    texts = Ragged(*ragged_indices(real))
    assert texts.pack(torch.arange(6).view(2, 3)).tolist() == [0, 2, 4]
    assert texts.positions.tolist() == [0, 2, 1]


@pytest.mark.parametrize("counts", [[3, 0, 5], [1, 2, 4]])
def test_gradients_are_those_of_indexing(counts: list[int]) -> None:
    real = mask_of(counts)
    texts = Ragged(*ragged_indices(real))
    padded = torch.randn(3, 5, 2, dtype=torch.float64, requires_grad=True)
    packed = torch.randn(sum(counts), 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(texts.pack, padded)
    assert torch.autograd.gradcheck(texts.pad, packed)
    (texts.pack(padded) * torch.arange(sum(counts))[:, None]).sum().backward()
    expected = padded.new_zeros(3, 5)
    expected[real] = torch.arange(sum(counts), dtype=torch.float64)
    assert padded.grad is not None
    assert torch.equal(padded.grad, expected.unsqueeze(2).expand(-1, -1, 2))
