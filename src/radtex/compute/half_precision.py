"""Whether a processor multiplies faster in half precision than in float32."""

import time

import torch
from torch import Tensor

_SIDE, _ROUNDS = 512, 6


def speed_of(kind: torch.dtype) -> float:
    """How many times as fast as in float32 this CPU multiplies matrices in `kind`.

    It is measured, some ms long: both in turn, the fastest of six each.
    """
    plain = torch.ones(_SIDE, _SIDE)
    factors = (plain, plain.to(kind))
    fastest = [min(times) for times in zip(*map(_seconds, [factors] * _ROUNDS), strict=True)]
    plain_seconds, half_seconds = fastest
    return float(plain_seconds / half_seconds)


def _seconds(factors: tuple[Tensor, Tensor]) -> list[float]:
    """How long the square of each matrix takes."""
    seconds = []
    for factor in factors:
        start = time.perf_counter()
        torch.mm(factor, factor)
        seconds.append(time.perf_counter() - start)
    return seconds
