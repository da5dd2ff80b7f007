"""Weights on disk: kept to the bit, or refused in one line."""

from pathlib import Path

import pytest
import torch

from radtex.errors import RunError
from radtex.models.storage import load_weights, save_weights


def test_weights_come_back_to_the_bit(tmp_path: Path) -> None:
    kept = {
        "turned": torch.randn(3, 4).T,
        "whole": torch.arange(5),
        "half": torch.randn(2).half().requires_grad_(),
    }
    save_weights(tmp_path / "it.safetensors", kept)
    found = load_weights(tmp_path / "it.safetensors")
    assert found.keys() == kept.keys()
    for name, tensor in kept.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)


def test_missing_and_truncated_weights_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "it.safetensors"
    with pytest.raises(RunError, match="cannot read the weights"):
        load_weights(file)
    save_weights(file, {"a": torch.zeros(100)})
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(RunError, match="cannot read the weights"):
        load_weights(file)
