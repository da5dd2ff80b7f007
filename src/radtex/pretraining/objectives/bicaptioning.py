"""Write the report of a radiograph, left to right and right to left (VirTex, section 3)."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from radtex.models.encoder import Encoder
from radtex.models.storage import DecoderDescription
from radtex.models.tokenizer import PAD
from radtex.pretraining.captions import Captions
from radtex.pretraining.objectives.objective import Objective


class Bicaptioning(Objective):
    """Sum of the mean token losses of both directions."""

    def __init__(
        self, encoder: Encoder, description: DecoderDescription, captions: Captions
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = description.build(encoder)
        self.decoder_description = description
        self.captions = captions
        self.tokenizer = captions.tokenizer
        self.lengths = captions.lengths
        self.terms = self.decoder.directions

    def usable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows with any text: an empty report is not one that says nothing."""
        return rows[self.lengths[rows] > 1]

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.full(len(self.terms), self.lengths[rows].sum(), dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        return {
            direction: self.captions.streams(rows, backward=direction == "backward")
            for direction in self.decoder.directions
        }

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        memory = self.decoder.memory(self.encoder(images))
        losses = []
        for direction in self.decoder.directions:
            stream = targets[direction]
            states = self.decoder(stream[:, :-1], memory, direction)
            wanted = stream[:, 1:]
            # The output layer is the widest of all; it is spared the padding.
            real = wanted != PAD
            logits = self.decoder.logits(states[real])
            losses.append(F.cross_entropy(logits.float(), wanted[real], reduction="sum"))
        return torch.stack(losses)
