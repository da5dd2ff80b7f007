"""The contract between an objective and the training loop."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.models.encoder import Encoder
from radtex.models.storage import DecoderDescription
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.captions import Captions


class Objective(nn.Module, ABC):
    """A network with a loss, and the targets of every sample of its corpus.

    Where a method takes rows, it takes samples too (`radtex.pretraining.data.samples`).

    The loss of a step is the sum over `terms` of (sum of the term over the step's samples)
    / (its count over the whole step), so that it does not depend on how the step is dealt out.

    Attributes:
        encoder: what is kept.
        terms: names of the parts of the loss.
        lengths: tokens per sample; zeros where there is no text.
        texts_per_row: texts of each row, of which an epoch shows one.
        tokenizer: of the objectives that read text.
        decoder_description: of those that learn to write it.
    """

    encoder: Encoder
    terms: tuple[str, ...]
    lengths: NDArray[np.int64]
    texts_per_row: int = 1
    tokenizer: Tokenizer | None = None
    decoder_description: DecoderDescription | None = None

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


class StepObjective(Objective):
    """An objective whose loss relates all samples of a step to each other.

    Attributes:
        embedding_width: E, numbers per sample that the loss is computed from.
    """

    embedding_width: int

    @abstractmethod
    def embed(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """All that the loss must know of each sample: as `forward` takes it → float32 (B, E)."""

    @abstractmethod
    def relate(self, embeddings: Tensor) -> Tensor:
        """Embeddings of the samples of a whole step, (N, E) → (terms,) sums of the losses."""

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        return self.relate(self.embed(images, targets))


class ReportObjective(Objective):
    """An objective that learns from the reports."""

    def __init__(self, encoder: Encoder, captions: Captions) -> None:
        super().__init__()
        self.encoder = encoder
        self.captions = captions
        self.tokenizer = captions.tokenizer
        self.lengths = captions.lengths
        self.texts_per_row = captions.texts_per_row

    def usable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows with any text: an empty report is not one that says nothing."""
        return rows[self.lengths[rows] > 1]
