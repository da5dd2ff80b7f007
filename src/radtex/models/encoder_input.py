"""What an encoder takes: how grey images become the tensor that it was made for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Interpolation = Literal["bilinear", "bicubic"]


@dataclass(frozen=True)
class EncoderInput:
    """The images that an encoder takes."""

    size: int
    """Side S of the square images, in pixels."""
    mean: float
    """Subtracted from grey levels 0 to 255, which are then divided by `std`."""
    std: float
    """The spread of grey levels that becomes 1."""
    interpolation: Interpolation = "bilinear"
    """How images of another size are resized."""
    resized: int | None = None
    """Side that images are resized to before their middle of S pixels is cut out, all in whole grey
    levels, as image processors do it; None where the whole image is resized to S at once, in
    fractions."""

    @classmethod
    def of_colours(
        cls,
        size: int,
        mean: Sequence[float],
        std: Sequence[float],
        interpolation: Interpolation = "bilinear",
    ) -> "EncoderInput":
        """Average the mean and deviation of each colour, 0 to 1, of a network made for colours."""
        grey_mean, grey_std = (255 * sum(levels) / len(levels) for levels in (mean, std))
        return cls(size, grey_mean, grey_std, interpolation)

    def prepare(self, images: NDArray[np.uint8] | Tensor) -> Tensor:
        """Turn grey images into what the encoder takes.

        Args:
            images: uint8 (B, H, W). Those of another size are resized, with antialiasing.

        Returns:
            float32 (B, 1, S, S), on the device of `images`.
        """
        if self.resized is not None:
            return self.normalise(self._resized_and_cut(images, self.resized))
        pixels = _with_channel(images)
        if pixels.shape[-2:] != (self.size, self.size):
            pixels = F.interpolate(
                pixels, (self.size, self.size), mode=self.interpolation, antialias=True
            )
        return self._normalise(pixels)

    def at_size(self, size: int) -> "EncoderInput":
        """Return the input at another size; what is cut off stays the same share."""
        if self.resized is None:
            return replace(self, size=size)
        return replace(self, size=size, resized=round(self.resized * size / self.size))

    def normalise(self, images: NDArray[np.uint8] | Tensor) -> Tensor:
        """Shift and scale grey levels alone: uint8 (B, H, W) → float32 (B, 1, H, W)."""
        return self._normalise(_with_channel(images))

    def _resized_and_cut(self, images: NDArray[np.uint8] | Tensor, side: int) -> Tensor:
        from torchvision.transforms.v2 import InterpolationMode
        from torchvision.transforms.v2 import functional as pictures

        grey = torch.tensor(images) if isinstance(images, np.ndarray) else images
        if grey.shape[-2:] != (side, side):
            mode = InterpolationMode(self.interpolation)
            grey = pictures.resize(grey.unsqueeze(1), [side, side], mode, antialias=True)[:, 0]
        start = int((side - self.size) / 2)
        return grey[:, start : start + self.size, start : start + self.size]

    def _normalise(self, pixels: Tensor) -> Tensor:
        return (pixels - self.mean) / self.std


def _with_channel(images: NDArray[np.uint8] | Tensor) -> Tensor:
    grey = torch.tensor(images) if isinstance(images, np.ndarray) else images
    return grey.unsqueeze(1).float()
