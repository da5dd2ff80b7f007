"""Weights on disk, in the safetensors format, and networks that are made to hold them.

A description can ask for a network of any size. So it is first built on torch's `meta` device,
where tensors have shapes and take no memory, and compared with the header of the file.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from radtex.errors import RunError
from radtex.files import whole_file

M = TypeVar("M", bound=nn.Module)
Shapes = Mapping[str, tuple[int, ...]]

MAX_PARAMETERS = 2**32
"""Weights above which a network is refused, whatever the file holds: 16 GiB of them."""


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
    except (OSError, SafetensorError, RuntimeError, MemoryError) as error:
        raise RunError(f"cannot read the weights {path}: {error}; restore the file") from error


def shapes_in(path: Path) -> Shapes:
    """Read the shape of each tensor from the header of a safetensors file.

    Raises:
        RunError: if the file is missing or damaged.
    """
    try:
        with safe_open(path, "pt") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, RuntimeError, MemoryError) as error:
        raise RunError(f"cannot read the weights {path}: {error}; restore the file") from error


def fitting(build: Callable[[], M], shapes: Shapes, prefix: str) -> M | str:
    """Build a network if its weights are in a file.

    Args:
        build: makes the network, with random weights.
        shapes: of the tensors of the file.
        prefix: of the network's own names there.

    Returns:
        The network, or why the file does not hold it.
    """
    with torch.device("meta"):
        expected = build().state_dict()
    own = {
        name.removeprefix(prefix): shape
        for name, shape in shapes.items()
        if name.startswith(prefix)
    }
    why = _misfit(expected, own) or _too_large(list(expected.values()))
    return build() if why is None else why


def _misfit(expected: Mapping[str, Tensor], found: Shapes) -> str | None:
    for name, tensor in expected.items():
        if name not in found:
            return f"{name} is missing"
        if found[name] != tuple(tensor.shape):
            return f"{name} has the shape {found[name]}, expected {tuple(tensor.shape)}"
    more = next((name for name in found if name not in expected), None)
    return None if more is None else f"{more} is one too many"


def _too_large(tensors: Sequence[Tensor]) -> str | None:
    count = sum(tensor.numel() for tensor in tensors)
    return None if count <= MAX_PARAMETERS else f"{count:,} weights; at most {MAX_PARAMETERS:,}"


def refuse_not_finite(weights: Mapping[str, Tensor], path: Path) -> None:
    """Refuse weights that are no finite numbers: what is computed with them means nothing.

    Raises:
        RunError: if one is not finite; the message names the first.
    """
    for name, values in weights.items():
        if values.is_floating_point() and not values.isfinite().all():
            raise RunError(f"{path} holds values that are no finite numbers ({name}); restore it")
