"""Compilation of the forward pass of a micro-batch by `torch.compile`."""

from collections.abc import Callable

import torch
from torch import Tensor

from radtex.errors import RecipeError


def compiled(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Compile `function` at its first call; the modules that it runs keep their names and weights.

    Lengths differ from batch to batch: from the second length on one program serves them all.
    """
    result: Callable[..., Tensor] = torch.compile(function)
    return result


def check_compiler(device: torch.device) -> None:
    """Compile a sum on `device`.

    Raises:
        RecipeError: if that fails, as where there is no compiler.
    """
    try:
        torch.compile(_sum)(torch.ones(8, device=device))
    except Exception as error:  # each backend has errors of its own
        first = next((line for line in str(error).splitlines() if line.strip()), "")
        raise RecipeError(
            f"--compile does not work here ({type(error).__name__}: {first[:200].strip()}); "
            "install a C++ compiler (g++) and Python's headers, or leave it off"
        ) from error


def _sum(values: Tensor) -> Tensor:
    return (values * values).sum()
