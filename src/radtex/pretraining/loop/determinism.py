"""GPU kernels that add up in one order, so that two runs give the same bytes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def deterministic_kernels(device: torch.device) -> Iterator[None]:
    """Choose deterministic kernels inside the block; the CPU has no others.

    Torch warns of an operation that has none. They cost no measurable time (docs/results.md).
    """
    if device.type != "cuda":
        yield
        return
    # cuBLAS reads it when it is first used.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.are_deterministic_algorithms_enabled()
    warned_only = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Nothing here reads memory that it has not written, so it need not be filled.
    filled = torch._C._get_deterministic_fill_uninitialized_memory()
    torch._C._set_deterministic_fill_uninitialized_memory(False)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warned_only)
        torch._C._set_deterministic_fill_uninitialized_memory(filled)
