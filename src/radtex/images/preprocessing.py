"""From the bytes of an image file to the pixels of a corpus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ImageError
from radtex.images.grey_levels import Intensity
from radtex.images.reading import read_image
from radtex.images.squaring import Fit, fit, inside


@dataclass(frozen=True)
class Preprocessing:
    """What a corpus stores of an image, and what a model trained on it expects."""

    size: int
    """Side of the image, in pixels."""
    fit: Fit = "pad"
    """How an image becomes square, as in `radtex.images.fit`."""
    intensity: Intensity = "window"
    """How grey levels are made, as in `radtex.images.read_image`."""

    def apply(self, data: bytes) -> NDArray[np.uint8]:
        """Return the pixels of an image file, uint8 (size, size).

        Args:
            data: the file.

        Raises:
            ImageError: if the file cannot be read as an image.
        """
        return self.apply_and_measure(data)[0]

    def apply_and_measure(self, data: bytes) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        """Return the pixels of an image file, and the height and width that became square.

        The side that is read may be a fraction of the file's, as in `radtex.images.read_image`.

        Args:
            data: the file.

        Raises:
            ImageError: if the file cannot be read as an image.
        """
        grey = read_image(data, enough=self.size, intensity=self.intensity)
        height, width = grey.shape
        square = fit(grey, self.size, self.fit)
        kept = square[inside((height, width), self.size, self.fit)]
        if self.size > 1 and kept.min() == kept.max():
            raise ImageError(
                f"the image holds one colour only in the part that is kept ({self.fit}); a "
                "radiograph was expected"
            )
        return square, (height, width)
