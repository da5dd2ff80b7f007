"""One film, the square that a network sees of it, and the maps that are drawn on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ImageError
from radtex.explaining.overlay import Extent, Panel, draw_overlay
from radtex.files import whole_file
from radtex.images import Fit, Preprocessing, fit, read_image
from radtex.inputs import require_input


@dataclass(frozen=True)
class FittedFilm:
    """A film as it was read, and the square that was made of it."""

    grey: NDArray[np.uint8]
    """The film, (H, W)."""
    square: NDArray[np.uint8]
    """What the network sees, (S, S)."""
    extent: Extent
    """The edges of the square, and so of a map, in pixels of the film."""

    @classmethod
    def read(cls, image: Path, preprocessing: Preprocessing) -> Self:
        """Read a film and make it square.

        Args:
            image: a DICOM file or a picture.
            preprocessing: how the images were made that the network was trained on.

        Raises:
            ImageError: if the image cannot be read.
        """
        require_input(image, ImageError, "a DICOM file or a picture")
        try:
            grey = read_image(image, preprocessing.size, preprocessing.intensity)
        except OSError as error:
            raise ImageError(
                f"cannot read {image}: {error.strerror}; name an image file"
            ) from error
        square = fit(grey, preprocessing.size, preprocessing.fit)
        return cls(grey, square, map_extent(grey.shape[0], grey.shape[1], preprocessing.fit))

    def draw(self, text: str, panels: Sequence[Panel], out: Path, note: str | None = None) -> None:
        """Write a PNG of the film with its maps.

        Args:
            text: the sentences that name the findings.
            panels: a map per finding.
            out: the file.
            note: what the maps are; see `draw_overlay`.

        Raises:
            OutputError: if the file cannot be written.
        """
        with whole_file(out) as aside:
            draw_overlay(self.grey, self.extent, text, panels, aside, note)

    def save(self, out: Path, **arrays: Any) -> None:
        """Write a NumPy archive of `arrays`, then the `extent` of the maps and the film's `shape`.

        Raises:
            OutputError: if the file cannot be written.
        """
        with whole_file(out) as aside, aside.open("wb") as file:
            np.savez(file, **arrays, extent=self.extent, shape=self.grey.shape)


def map_extent(height: int, width: int, how: Fit) -> Extent:
    """The edges of the square that a film (height, width) was fitted to, in its own pixels."""
    side = min(height, width) if how == "crop" else max(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    return left, left + side, top + side, top
