"""Films that are on both sides of a boundary although their patients' names differ.

A film's signature is 32×32 block means, less their means over 5×5 blocks, scaled to mean 0 and
norm 1; two films are near-duplicates where the correlation of their signatures is `THRESHOLD` or
more. Chest films resemble one another: without the local means taken off, two patients of nih128
reach 0.971.

Measured at 128 px: of nih128's 32.5 million pairs of films of different patients the highest
correlation is 0.884, and of films of the same patient 0.898; of the 513 films that nih128 and
nih320 share, decoded and scaled by different ways, the lowest is 0.994. A film that was cropped,
turned, mirrored or inverted is not found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from radtex.progress import progress_bar

THRESHOLD = 0.95
SIDE, NEIGHBOURHOOD = 32, 5
LISTED = 20
"""Pairs that are named; all are counted."""
_BATCH, _BLOCK = 512, 4096


@dataclass(frozen=True)
class NearDuplicates:
    """Near-duplicate pairs between two sets of images."""

    count: int
    """Their number."""
    pairs: tuple[tuple[str, str, float], ...]
    """Of up to `LISTED` pairs, the most alike first: both image ids and the correlation."""

    def record(self) -> dict[str, Any]:
        """JSON values for the protocol."""
        return {
            "count": self.count,
            "correlation_from": THRESHOLD,
            "pairs": [
                {"pool": one, "test": other, "correlation": value}
                for one, other, value in self.pairs
            ],
        }


def near_duplicates(
    images: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    ids: tuple[Sequence[str], Sequence[str]],
) -> NearDuplicates:
    """Compare each image of one set with each of another.

    Costs a product of the two sets' signatures, in blocks.

    Args:
        images: two arrays, uint8 (N, S, S), of any two sizes S.
        rows: the images of each that are compared.
        ids: their names, in the order of the rows.
    """
    ones, others = (signatures(each, chosen) for each, chosen in zip(images, rows, strict=True))
    found: list[tuple[str, str, float]] = []
    with progress_bar("near-duplicates", len(ones), "images") as bar:
        for start in range(0, len(ones), _BLOCK):
            block = ones[start : start + _BLOCK]
            for first in range(0, len(others), _BLOCK):
                alike = block @ others[first : first + _BLOCK].T
                for one, other in (alike >= THRESHOLD).nonzero().tolist():
                    names = ids[0][start + one], ids[1][first + other]
                    found.append((*names, round(float(alike[one, other]), 4)))
            bar.advance(len(block))
    found.sort(key=lambda pair: (-pair[2], pair[0], pair[1]))
    return NearDuplicates(len(found), tuple(found[:LISTED]))


def signatures(images: NDArray[np.uint8], rows: NDArray[np.int64]) -> Tensor:
    """Signatures of `images[rows]`, uint8 (N, S, S): float32 (len(rows), SIDE²), of norm 1.

    An image without detail has the signature 0, which is like none.
    """
    return torch.cat(
        [_signatures(images[rows[start : start + _BATCH]]) for start in range(0, len(rows), _BATCH)]
    )


def _signatures(images: NDArray[np.uint8]) -> Tensor:
    means = F.interpolate(torch.tensor(images).unsqueeze(1).float(), (SIDE, SIDE), mode="area")
    edge = NEIGHBOURHOOD // 2
    local = F.avg_pool2d(F.pad(means, (edge,) * 4, mode="replicate"), NEIGHBOURHOOD, 1)
    detail = (means - local).flatten(1)
    detail = detail - detail.mean(1, keepdim=True)
    norm = detail.norm(dim=1, keepdim=True)
    return torch.where(norm > 1e-3, detail / norm.clamp_min(1e-3), 0.0)


def sentences(record: Mapping[str, Any] | None) -> list[str]:
    """What a reader must know of `NearDuplicates.record`; None where nothing was compared."""
    if record is None or not record["count"]:
        return []
    named = ", ".join(f"{pair['pool']} and {pair['test']}" for pair in record["pairs"][:3])
    pairs, have = ("pair", "has") if record["count"] == 1 else ("pairs", "have")
    return [
        f"{record['count']} {pairs} of images of the pool and the test {have} nearly the same "
        f"pixels under different patients (correlation {record['correlation_from']} or more), so "
        f"the test is not wholly unseen: {named}{', …' if record['count'] > 3 else ''}."
    ]
