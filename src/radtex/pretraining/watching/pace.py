"""What the progress line of a training says."""

import resource
import sys
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

import torch

_GIB = 2**30


class Pace:
    """Images per second over the last steps, and the words behind the progress bar."""

    STEPS = 20

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._images = 0
        self._seen = deque([(time.perf_counter(), 0)], self.STEPS + 1)

    def words(self, entry: Mapping[str, Any], images: int) -> str:
        """Say how the step that has just ended went, which had so many `images`.

        `entry` is its line of metrics; what stands beside its `loss` as a float is a part of it.
        """
        self._images += images
        self._seen.append((time.perf_counter(), self._images))
        (start, before), (end, after) = self._seen[0], self._seen[-1]
        rate = (after - before) / max(end - start, 1e-9)
        if "skipped" in entry:
            return f"skipped, {rate:,.1f} images/s"
        parts = " + ".join(
            f"{value:.2f} {name}"
            for name, value in entry.items()
            if name != "loss" and isinstance(value, float)
        )
        loss = f"loss {entry['loss']:.3f}" + (f" = {parts}" if parts else "")
        return f"{loss}, {rate:,.1f} images/s, {peak_memory(self._device) / _GIB:.1f} GiB"


def peak_memory(device: torch.device) -> int:
    """Most bytes in use so far: of the GPU where training is on one, else of the process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
