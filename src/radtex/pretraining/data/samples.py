"""Which samples an epoch shows: the images of the studies, each with one of its texts and sides.

A sample is a number: row + N · (2 · text + mirrored) for row of N in the corpus, with `text` among
the texts of the row. The first N samples are the rows themselves, with their first text.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int64]
"""Numbers of samples; rows of a corpus are the samples of their first text, not mirrored."""


def rows_of(samples: Samples, rows: int) -> NDArray[np.int64]:
    """Rows of the corpus that `samples` show; the corpus has `rows` of them."""
    return samples % rows


def mirrored(samples: Samples, rows: int) -> NDArray[np.bool_]:
    """Which of `samples` are mirrored; the corpus has `rows` rows."""
    sides: NDArray[np.bool_] = samples // rows % 2 == 1
    return sides


@dataclass(frozen=True)
class SampleDraw:
    """How an epoch draws its samples."""

    rows: int
    """Number N of rows of the whole corpus."""
    texts: int = 1
    """Texts per row, of which each epoch draws one for each image, all equally likely."""
    flip: float = 0.0
    """Probability that an image is mirrored, with its text."""
    studies: NDArray[np.int64] | None = None
    """(N,) number of each row's study, of which each epoch draws one image, all equally likely.
    All images are drawn if None."""

    def epoch(self, rows: NDArray[np.int64], seed: int, epoch: int) -> Samples:
        """The samples of an epoch over `rows`: a function of the rows, seed and epoch alone."""
        rng = np.random.default_rng([seed, epoch, 1])
        if self.studies is not None:
            shuffled = rng.permutation(rows)
            _, first = np.unique(self.studies[shuffled], return_index=True)
            rows = np.sort(shuffled[first])
        block = np.zeros(len(rows), dtype=np.int64)
        if self.texts > 1:
            block += 2 * rng.integers(self.texts, size=len(rows))
        if self.flip > 0:
            block += rng.random(len(rows)) < self.flip
        return rows + self.rows * block

    def size(self, rows: NDArray[np.int64]) -> int:
        """How many samples an epoch over `rows` has."""
        return len(rows) if self.studies is None else len(np.unique(self.studies[rows]))
