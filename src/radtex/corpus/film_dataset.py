"""The films of a split as a map-style data set, which PyTorch's `DataLoader` takes."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class FilmDataset:
    """N films with T labels each, read one at a time; nothing here needs torch.

    A copy for another process holds the path of the images, not their pixels.
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        rows: NDArray[np.int64],
        labels: NDArray[np.float32],
        targets: tuple[str, ...],
        mean: float,
        std: float,
    ) -> None:
        """Keep what is needed to read them.

        Args:
            images: uint8 (M, S, S), those of a corpus.
            rows: (N,), of the films.
            labels: (N, T).
            targets: T names.
            mean: subtracted from grey levels 0 to 255, which are then divided by `std`.
            std: the spread of grey levels that becomes 1.
        """
        self.images, self.rows, self.labels = images, rows, labels
        self.targets, self.mean, self.std = targets, mean, std

    def __len__(self) -> int:
        """N."""
        return len(self.rows)

    def __getitem__(self, place: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Read a film: its grey levels, float32 (1, S, S), shifted and scaled, and labels (T,)."""
        grey = np.asarray(self.images[self.rows[place]], np.float32)
        return ((grey - self.mean) / self.std)[None].astype(np.float32), self.labels[place].copy()

    def __repr__(self) -> str:
        """Say in a line what it holds."""
        return f"<FilmDataset: {len(self):,} films, labels of {', '.join(self.targets)}>"

    def __getstate__(self) -> dict[str, Any]:
        """Give the path of images that lie in a file."""
        if isinstance(self.images, np.memmap) and self.images.filename:
            return vars(self) | {"images": Path(self.images.filename)}
        return vars(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Open the images again."""
        vars(self).update(state)
        if isinstance(state["images"], Path):
            self.images = np.load(state["images"], mmap_mode="r")
