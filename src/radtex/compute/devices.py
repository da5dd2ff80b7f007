"""Where networks compute."""

import os

import torch
from torch import Tensor


def compute_device() -> torch.device:
    """The GPU of this process where there is one, else the CPU.

    Of several GPUs, the one that `torchrun` gives the process by its local rank. An empty
    CUDA_VISIBLE_DEVICES keeps a machine's GPUs out of it, as everywhere.
    """
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def to_device(tensor: Tensor, device: torch.device) -> Tensor:
    """Send a tensor off; the CPU goes on before a GPU has it."""
    if device.type == "cuda":
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)
