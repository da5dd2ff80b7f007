"""Weights on disk, in the safetensors format."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from radtex.errors import RunError
from radtex.files import whole_file


def save_weights(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors as one safetensors file, whole."""
    with whole_file(path) as aside:
        # Written by us, since the library hides the cause of a failed write in its own error.
        aside.write_bytes(save({k: v.detach().cpu().contiguous() for k, v in tensors.items()}))


def load_weights(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file to the CPU.

    Raises:
        RunError: if it is missing or damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError, RuntimeError) as error:  # the last of torch's own map
        raise RunError(f"cannot read the weights {path}: {error}; restore the file") from error
