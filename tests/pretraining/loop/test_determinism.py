"""Deterministic kernels inside the block, and what there was before after it."""

import pytest
import torch

from radtex.pretraining.loop.determinism import deterministic_kernels


def test_a_gpu_has_them_inside_the_block_alone() -> None:
    with pytest.raises(KeyError), deterministic_kernels(torch.device("cuda")):
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        raise KeyError
    assert not torch.are_deterministic_algorithms_enabled()


def test_what_was_chosen_before_stays_chosen() -> None:
    torch.use_deterministic_algorithms(True)
    try:
        with deterministic_kernels(torch.device("cuda")):
            assert torch.is_deterministic_algorithms_warn_only_enabled()
        assert torch.are_deterministic_algorithms_enabled()
        assert not torch.is_deterministic_algorithms_warn_only_enabled()
    finally:
        torch.use_deterministic_algorithms(False)


def test_the_cpu_needs_no_choice() -> None:
    with deterministic_kernels(torch.device("cpu")):
        assert not torch.are_deterministic_algorithms_enabled()
