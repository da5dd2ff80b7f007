"""Films that are on both sides of a boundary although their patients' names differ.

The pool's are compared with the test's by their pixels, those that an encoder learnt from by the
hashes that its run has kept; see `radtex.models.film_hashes`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radtex.models.film_hashes import THRESHOLD, Hashes, film_hashes, near_any, signatures
from radtex.models.run import FILMS
from radtex.progress import progress_bar
from radtex.transfer.contestants.contestant import Contestant

_BEFORE_IDS = "test is not wholly unseen: "
LISTED = 20
"""Pairs that are named; all are counted."""
_BLOCK = 4096


@dataclass(frozen=True)
class NearDuplicates:
    """Near-duplicate pairs between two sets of images."""

    count: int
    """Their number."""
    pairs: tuple[tuple[str, str, float], ...]
    """Of up to `LISTED` pairs, the most alike first: what both images are called, and the
    correlation."""

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
        ids: what they are called, in the order of the rows.
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


def films_seen(
    contestants: Sequence[Contestant], test: tuple[NDArray[np.uint8], NDArray[np.int64]]
) -> dict[str, int | None]:
    """Count the films of a test that runs have learnt from or were selected on.

    Args:
        contestants: encoders; those that are no runs are left out.
        test: images, uint8 (N, S, S), and the rows of the test.

    Returns:
        By name of the contestant; None where a run kept no hashes of its films.
    """
    runs = [each for each in contestants if each.patients]
    if not runs:
        return {}
    tested = film_hashes(*test)
    return {each.name: _seen_by(each, tested) for each in runs}


def _seen_by(contestant: Contestant, tested: Hashes) -> int | None:
    seen = np.zeros(len(tested), np.bool_)
    for run in contestant.parts:
        if run.films is None:
            return None
        seen |= near_any(tested, run.films)
    return int(seen.sum())


def sentences(record: Mapping[str, Any] | None) -> list[str]:
    """What a reader must know of `NearDuplicates.record`; None where nothing was compared."""
    if record is None or not record["count"]:
        return []
    named = ", ".join(f"{each['pool']} and {each['test']}" for each in record["pairs"][:3])
    pairs, have = ("pair", "has") if record["count"] == 1 else ("pairs", "have")
    return [
        f"{record['count']} {pairs} of images of the pool and the test {have} nearly the same "
        f"pixels under different patients (correlation {record['correlation_from']} or more), so "
        f"the {_BEFORE_IDS}{named}{', …' if record['count'] > 3 else ''}."
    ]


def without_image_ids(sentence: str) -> str:
    """Return one of `sentences` without the images that it names; any other as it is."""
    said, found, _ = sentence.partition(_BEFORE_IDS)
    return f"{said}{_BEFORE_IDS.removesuffix(': ')}." if found else sentence


def sentences_on_films_seen(seen: Mapping[str, int | None], tested: int) -> list[str]:
    """What a reader must know of `films_seen`.

    Args:
        seen: as it returns.
        tested: images of the test.
    """
    said = [
        f"{count} of the test's {tested} images {'has' if count == 1 else 'have'} nearly the same "
        f"pixels as one that {name} was trained or selected on, under different patients, so the "
        "test is not wholly unseen by it."
        for name, count in seen.items()
        if count
    ]
    unknown = [name for name, count in seen.items() if count is None]
    if unknown:
        said.append(
            "Not known is whether the test has films that these were trained on under another "
            f"patient, since their runs kept no {FILMS}: {', '.join(unknown)}."
        )
    return said
