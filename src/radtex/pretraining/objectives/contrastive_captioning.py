"""Tell which report belongs to a radiograph, and write it (after CoCa, Yu et al., 2022)."""

from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.models.encoder import Encoder
from radtex.models.model_description import DecoderDescription
from radtex.models.ragged import Ragged
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.objectives.captioning import recipe_decoder, token_losses, with_places
from radtex.pretraining.objectives.contrastive import Contrastive
from radtex.pretraining.objectives.objective import recipe_captions
from radtex.pretraining.recipe import Recipe

CAPTIONING_WEIGHT = 2.0


class ContrastiveCaptioning(Contrastive):
    """Contrastive loss plus twice the mean token loss of forward captioning, CoCa's weights.

    Unlike CoCa's, the decoder shares nothing with the text tower: both are those of the single
    objectives. The second term is logged with its weight.
    """

    terms = ("contrastive", "captioning")

    def __init__(
        self, encoder: Encoder, description: DecoderDescription, captions: Captions
    ) -> None:
        super().__init__(encoder, description.options, captions)
        self.decoder = description.build(encoder)
        self.decoder_description = description
        self.embedding_width += 1

    @classmethod
    def from_recipe(cls, recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Self:
        """Build a text encoder and a decoder of the recipe's size, and their captions."""
        captions = recipe_captions(recipe, corpus, run)
        return cls(encoder, recipe_decoder(recipe, captions, "forward"), captions)

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the pairs, and the tokens of their texts."""
        return np.array([len(rows), self.lengths[rows].sum()], dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """Return the texts, (B, T + 1), and what `with_places` adds."""
        return with_places(super().targets(rows), "forward")

    def embed(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """The pairs, and the sum of the token losses of each row as a last column."""
        grid, stream = self.encoder(images), targets["forward"]
        memory = self.decoder.memory(grid)
        losses = token_losses(self.decoder, memory, targets, "forward")
        row_of_token = Ragged(targets["places"], targets["numbers"]).texts
        captioning = losses.new_zeros(len(stream)).index_add(0, row_of_token, losses)
        return torch.cat([self.embed_pairs(grid, stream), captioning.unsqueeze(1)], dim=1)

    def relate(self, embeddings: Tensor) -> Tensor:
        """Sum the contrastive losses, and twice the token losses."""
        captioning = CAPTIONING_WEIGHT * embeddings[:, -1:].sum(dim=0)
        return torch.cat([super().relate(embeddings[:, :-1]), captioning])
