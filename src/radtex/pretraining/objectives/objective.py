"""The contract between an objective and the training loop."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.corpus.corpus import Corpus
from radtex.models.encoder import Encoder
from radtex.models.model_description import DecoderDescription
from radtex.models.run import TOKENIZER
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.recipe import Recipe


class Objective(nn.Module, ABC):
    """A network with a loss, and the targets of every sample of its corpus.

    Where a method takes rows, it takes samples too (`radtex.pretraining.data.samples`).

    The loss of a step is the sum over `terms` of (sum of the term over the step's samples)
    / (its count over the whole step), so that it does not depend on how the step is dealt out.
    """

    encoder: Encoder
    """What is kept."""
    terms: tuple[str, ...]
    """Names of the parts of the loss."""
    lengths: NDArray[np.int64]
    """Tokens per sample; zeros where there is no text."""
    texts_per_row: int = 1
    """Texts of each row, of which an epoch shows one."""
    views: int = 1
    """Augmented views of each image. The images of a micro-batch of B samples are then
    (views · B, 1, S, S): a view of all samples, then the next."""
    tokenizer: Tokenizer | None = None
    """Tokenizer of an objective that reads text."""
    decoder_description: DecoderDescription | None = None
    """Description of the decoder of an objective that learns to write text."""
    label_names: tuple[str, ...] = ()
    """Labels that are learnt, which the run's config notes as its `targets`."""

    @classmethod
    @abstractmethod
    def from_recipe(cls, recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Self:
        """Build the objective around an encoder, with weights from torch's global generator.

        Args:
            recipe: the choices of the run.
            corpus: where its images, texts and labels come from.
            encoder: what is trained.
            run: folder of the run. It need not exist; what it already keeps is used again.

        Raises:
            RecipeError: if the recipe does not suit the corpus.
        """

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
    """An objective whose loss relates all samples of a step to each other."""

    embedding_width: int
    """E, numbers per sample that the loss is computed from."""

    @abstractmethod
    def embed(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """All that the loss must know of each sample: as `forward` takes it → float32 (B, E)."""

    @abstractmethod
    def relate(self, embeddings: Tensor) -> Tensor:
        """Embeddings of the samples of a whole step, (N, E) → (terms,) sums of the losses."""

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Sums of the losses of a step that is one micro-batch."""
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


def recipe_captions(
    recipe: Recipe, corpus: Corpus, run: Path, assertions: bool = False
) -> Captions:
    """Cut the texts that a recipe learns into the tokens of `run`, or of the recipe's tokenizer.

    Args:
        recipe: which texts, and which tokenizer where the run has none yet.
        corpus: where the texts are; its training split trains a tokenizer.
        run: folder of the run.
        assertions: whether denied tokens are told from others.
    """
    return Captions.of_corpus(
        recipe.text,
        corpus,
        recipe.augmentation.flip > 0,
        recipe.seed,
        run / TOKENIZER,
        assertions,
    )
