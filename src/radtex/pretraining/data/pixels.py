"""Images of a corpus on their way into an encoder."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.compute.devices import to_device
from radtex.models.encoder_input import EncoderInput
from radtex.pretraining.data.augmentation import augment
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.samples import Samples, mirrored, rows_of

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Pixels:
    """Images of a corpus, and what makes them the input of an encoder.

    All is computed on the device that the images were read to.
    """

    images: NDArray[np.uint8]
    """Images as the corpus keeps them, (N, S, S)."""
    takes: EncoderInput
    """What the encoder takes."""

    def read(self, samples: Samples, device: torch.device = CPU) -> Tensor:
        """Images of `samples` as they are kept: uint8 (B, S, S)."""
        return to_device(torch.from_numpy(self.images[rows_of(samples, len(self.images))]), device)

    def plain(self, samples: Samples, device: torch.device = CPU) -> Tensor:
        """Normalised images of `samples`: (B, 1, size, size)."""
        return self.takes.prepare(self.read(samples, device))

    def augmented(
        self,
        samples: Samples,
        options: AugmentationOptions,
        seed: int,
        device: torch.device = CPU,
    ) -> Tensor:
        """Images of `samples`, augmented; the resampling to `size` is part of it."""
        whole = self.takes.normalise(self.read(samples, device))
        generator = torch.Generator().manual_seed(seed)
        sides = None
        if options.flip > 0:
            sides = torch.from_numpy(mirrored(samples, len(self.images)))
        return augment(whole, self.takes.size, options, generator, sides)
