"""Write the report of a radiograph, in one or both directions (VirTex, section 3)."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from radtex.models.decoder import Decoder, Direction
from radtex.models.encoder import Encoder
from radtex.models.ragged import Ragged, ragged_indices
from radtex.models.storage import DecoderDescription
from radtex.models.tokenizer import PAD
from radtex.pretraining.data.captions import Captions
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
        streams: dict[str, Tensor] = {
            direction: self.captions.streams(rows, backward=direction == "backward")
            for direction in self.decoder.directions
        }
        # A text is as long in either direction.
        return with_places(streams, self.decoder.directions[0])

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        memory = self.decoder.memory(self.encoder(images))
        losses = [
            token_losses(self.decoder, memory, targets, direction).sum()
            for direction in self.decoder.directions
        ]
        return torch.stack(losses)


def with_places(streams: dict[str, Tensor], direction: Direction) -> dict[str, Tensor]:
    """Add where the targets in the stream of `direction`, (B, T + 1), are; see `Ragged`."""
    places, numbers = ragged_indices(streams[direction][:, 1:] != PAD)
    return {**streams, "places": places, "numbers": numbers}


def token_losses(
    decoder: Decoder, memory: Tensor, targets: dict[str, Tensor], direction: Direction
) -> Tensor:
    """Loss of each token of a stream (B, T + 1) but its start and padding, row by row: (n,).

    `targets` are the stream, by its direction, and what `with_places` adds.
    """
    stream = targets[direction]
    inputs, wanted = stream[:, :-1], stream[:, 1:]
    texts = Ragged(targets["places"], targets["numbers"])
    states = decoder.real_states(inputs, texts, memory, direction)
    return F.cross_entropy(decoder.logits(states).float(), texts.pack(wanted), reduction="none")
