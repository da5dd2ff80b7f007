"""From the bytes of an image file to the pixels of a corpus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.images.grey_levels import Intensity
from radtex.images.reading import read_image
from radtex.images.squaring import Fit, fit


@dataclass(frozen=True)
class Preprocessing:
    """What a corpus stores of an image, and what a model trained on it expects.

    size: side of the square pixels. fit: how an image that is not square becomes so.
    intensity: how grey levels are made (see `read_image`).
    """

    size: int
    fit: Fit = "crop"
    intensity: Intensity = "window"

    def apply(self, data: bytes) -> NDArray[np.uint8]:
        """Return the pixels of an image file, uint8 (size, size).

        Raises `ImageError` if it cannot be read.
        """
        return fit(
            read_image(data, enough=self.size, intensity=self.intensity), self.size, self.fit
        )
