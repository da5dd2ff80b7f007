"""Write the report of a radiograph, in one or both directions (VirTex, section 3)."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from radtex.models.decoder import Decoder, Direction
from radtex.models.encoder import Encoder
from radtex.models.storage import DecoderDescription
from radtex.models.tokenizer import PAD
from radtex.pretraining.captions import Captions
from radtex.pretraining.objectives.objective import ReportObjective


class Captioning(ReportObjective):
    """Sum over the directions of the mean token loss."""

    def __init__(
        self, encoder: Encoder, description: DecoderDescription, captions: Captions
    ) -> None:
        super().__init__(encoder, captions)
        self.decoder = description.build(encoder)
        self.decoder_description = description
        self.terms = self.decoder.directions

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.full(len(self.terms), self.lengths[rows].sum(), dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        return {
            direction: self.captions.streams(rows, backward=direction == "backward")
            for direction in self.decoder.directions
        }

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        memory = self.decoder.memory(self.encoder(images))
        losses = [
            token_losses(self.decoder, memory, targets[direction], direction).sum()
            for direction in self.decoder.directions
        ]
        return torch.stack(losses)


def token_losses(decoder: Decoder, memory: Tensor, stream: Tensor, direction: Direction) -> Tensor:
    """Loss of each token of `stream` (B, T + 1) but its start and padding, row by row: (n,)."""
    wanted = stream[:, 1:]
    real = wanted != PAD
    states = decoder.real_states(stream[:, :-1], real, memory, direction)
    return F.cross_entropy(decoder.logits(states).float(), wanted[real], reduction="none")
