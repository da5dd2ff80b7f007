"""Whether a processor multiplies faster in half precision than in float32."""

import torch

from radtex.compute.relative_speed import relative_speed

_SIDE = 512


def speed_of(kind: torch.dtype) -> float:
    """How many times as fast as in float32 this CPU multiplies matrices in `kind`, measured."""
    plain = torch.ones(_SIDE, _SIDE)
    half = plain.to(kind)
    return relative_speed(lambda: torch.mm(plain, plain), lambda: torch.mm(half, half))
