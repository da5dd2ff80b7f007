"""Films that are the same picture, told by signatures, and by hashes of these that a run can keep.

A film's signature is 32×32 block means, less their means over 5×5 blocks, scaled to mean 0 and
norm 1; two films are near-duplicates where the correlation of their signatures is `THRESHOLD` or
more. Chest films resemble one another: without the local means taken off, two patients of nih128
reach 0.971.

Measured at 128 px: of nih128's 32.5 million pairs of films of different patients the highest
correlation is 0.884, and of films of the same patient 0.898; of the 513 films that nih128 and
nih320 share, decoded and scaled by different ways, the lowest is 0.994. A film that was cropped,
turned, mirrored or inverted is not found.

A hash has the sides of `BITS` random planes through 0 on which a signature lies (Charikar 2002,
STOC). Two signatures of the correlation c differ in acos(c) / π of them on average: 52 bits of 512
at `THRESHOLD`, 18 at 0.994, 80 at 0.884, with deviations of 4 to 8 bits. It is no picture, and
takes 64 bytes a film. Of 8.0 million pairs of films of different patients (nih128) none differs in
fewer than 83 bits; of 1,000 films and their copies, 64 or 96 px wide, none in more than 26, and one
in more than 52 if saved as JPEG of quality 30.
"""

import math
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from radtex.progress import progress_bar

THRESHOLD = 0.95
SIDE, NEIGHBOURHOOD = 32, 5
BITS = 512
_SEED = 0
_BATCH, _BLOCK = 512, 4096

Hashes = NDArray[np.uint8]
"""(films, BITS // 8); all 0 where a film has no detail."""

NO_FILMS: Hashes = np.zeros((0, BITS // 8), np.uint8)


def signatures(images: NDArray[np.uint8], rows: NDArray[np.int64]) -> Tensor:
    """Signatures of `images[rows]`, uint8 (N, S, S): float32 (len(rows), SIDE²), of norm 1.

    An image without detail has the signature 0, which is like none.
    """
    return torch.cat(
        [_signatures(images[rows[start : start + _BATCH]]) for start in range(0, len(rows), _BATCH)]
    )


def film_hashes(images: NDArray[np.uint8], rows: NDArray[np.int64]) -> Hashes:
    """Hash `images[rows]`, uint8 (N, S, S) of any size S.

    Returns:
        A row per film.
    """
    hashes = [NO_FILMS]
    with progress_bar("hashes of films", len(rows), "images") as bar:
        for start in range(0, len(rows), _BATCH):
            found = _signatures(images[rows[start : start + _BATCH]]).double().numpy()
            hashes.append(np.packbits(found @ _planes() > 0, axis=1))
            bar.advance(len(found))
    return np.concatenate(hashes)


def near_any(hashes: Hashes, others: Hashes) -> NDArray[np.bool_]:
    """Tell of each of n films whether it is a near-duplicate of any of m others: (n,)."""
    least = BITS - 2 * round(BITS * math.acos(THRESHOLD) / math.pi)
    mine, theirs = (each[each.any(1)] for each in (hashes, others))
    near = np.zeros(len(mine), np.bool_)
    for start in range(0, len(theirs), _BLOCK):
        block = _signs(theirs[start : start + _BLOCK]).T
        for first in range(0, len(mine), _BLOCK):
            agreement = _signs(mine[first : first + _BLOCK]) @ block
            near[first : first + _BLOCK] |= (agreement >= least).any(1).numpy()
    result = np.zeros(len(hashes), np.bool_)
    result[hashes.any(1)] = near
    return result


def _signs(hashes: Hashes) -> Tensor:
    """-1 and 1 for the bits: (n, BITS)."""
    return torch.from_numpy(np.unpackbits(hashes, axis=1)).float() * 2 - 1


@cache
def _planes() -> NDArray[np.float64]:
    return np.random.default_rng(_SEED).standard_normal((SIDE * SIDE, BITS))


def _signatures(images: NDArray[np.uint8]) -> Tensor:
    means = F.interpolate(torch.tensor(images).unsqueeze(1).float(), (SIDE, SIDE), mode="area")
    edge = NEIGHBOURHOOD // 2
    local = F.avg_pool2d(F.pad(means, (edge,) * 4, mode="replicate"), NEIGHBOURHOOD, 1)
    detail = (means - local).flatten(1)
    detail = detail - detail.mean(1, keepdim=True)
    norm = detail.norm(dim=1, keepdim=True)
    return torch.where(norm > 1e-3, detail / norm.clamp_min(1e-3), 0.0)
