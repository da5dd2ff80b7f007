"""Guess all tokens of a report at once, from the image alone (CapPa, Tschannen et al., 2023)."""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from radtex.models.decoder import Decoder, Direction
from radtex.models.ragged import Ragged, ragged_indices
from radtex.models.tokenizer import MASK, PAD
from radtex.pretraining.data.captions import Captions


@dataclass(frozen=True)
class ParallelGuesses:
    """Texts whose input is a mask at every place, each of which attends to all of them.

    A text has as many places as the longest that is learnt, so their number does not tell how long
    it is. What is asked of them is the real tokens, and where they end.
    """

    captions: Captions
    """The texts."""
    share: float
    """Share of the samples of a micro-batch that are guessed so, at least 0 and below 1."""
    places: int
    """Q, of each text; no text that is learnt has more targets."""

    def draw(self, samples: int) -> int:
        """Draw how many of so many samples are guessed so: the share of them, rounded by chance.

        Draws from torch's generator, which the training loop seeds, where the share is above 0.
        """
        return math.floor(self.share * samples + torch.rand(()).item()) if self.share else 0

    def targets(
        self, rows: NDArray[np.int64], directions: tuple[Direction, ...]
    ) -> dict[str, Tensor]:
        """Return the tokens in each direction, (B, Q), and where they are; see `Ragged`."""
        wanted = {}
        for direction in directions:
            tokens = self.captions.streams(rows, backward=direction == "backward")[:, 1:]
            wanted[direction] = F.pad(tokens, (0, self.places - tokens.shape[1]), value=PAD)
        # A text is as long in either direction.
        places, numbers = ragged_indices(wanted[directions[0]] != PAD)
        named = {f"parallel_{direction}": tokens for direction, tokens in wanted.items()}
        return {**named, "parallel_places": places, "parallel_numbers": numbers}

    def losses(
        self, decoder: Decoder, memory: Tensor, targets: dict[str, Tensor], direction: Direction
    ) -> Tensor:
        """Compute the loss of each token, text by text, from the cells (B, cells, H): (n,)."""
        wanted = targets[f"parallel_{direction}"]
        texts = Ragged(targets["parallel_places"], targets["parallel_numbers"])
        states = decoder(torch.full_like(wanted, MASK), memory, direction, causal=False)
        logits = decoder.logits(texts.pack(states)).float()
        return F.cross_entropy(logits, texts.pack(wanted), reduction="none")
