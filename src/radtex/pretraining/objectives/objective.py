"""The contract between an objective and the training loop."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.models.encoder import Encoder
from radtex.models.storage import DecoderDescription
from radtex.models.tokenizer import Tokenizer


class Objective(nn.Module, ABC):
    """A network with a loss, and the targets of every row of its corpus.

    The loss of a step is the sum over `terms` of (sum of the term over the step's samples)
    / (its count over the whole step), so that it does not depend on how the step is dealt out.

    Attributes:
        encoder: what is kept.
        terms: names of the parts of the loss.
        lengths: (N,) tokens per row, by which batches are grouped; zeros where there is no text.
        decoder_description, tokenizer: of the objectives that write text.
    """

    encoder: Encoder
    terms: tuple[str, ...]
    lengths: NDArray[np.int64]
    decoder_description: DecoderDescription | None = None
    tokenizer: Tokenizer | None = None

    @abstractmethod
    def usable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of `rows` that have something to learn from."""

    @abstractmethod
    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(terms,) how many targets `rows` hold for each term."""

    @abstractmethod
    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """The targets of `rows`, on the CPU."""

    @abstractmethod
    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Normalised images (B, 1, S, S) and their targets → (terms,) sums of the losses."""
