"""Small pictures of films, for pages that may show them."""

import io
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radtex.transfer.results import Results

SIDE = 160
"""Pixels of the longer side, at most."""


def thumbnail(image: NDArray[np.uint8]) -> bytes:
    """Return a grey image (H, W) as PNG, no larger than SIDE; the same image, the same bytes."""
    picture = Image.fromarray(image)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, format="png", optimize=True)
    return out.getvalue()


def missed_films(results: Results, images: NDArray[np.uint8]) -> dict[int, bytes]:
    """Return the thumbnails of all missed studies, by study.

    Args:
        results: with the rows of its studies.
        images: (rows, S, S), those of the test's corpus.
    """
    return {
        study: thumbnail(images[results.rows_of_studies[study]])
        for study in sorted(_missed_studies(results))
    }


def _missed_studies(results: Results) -> set[int]:
    found: Iterable[int] = (
        miss.study for values in results.classifiers.values() for miss in values.validation.misses
    )
    return set(found)
