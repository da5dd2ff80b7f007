"""Tell which report belongs to which radiograph (ConVIRT, Zhang et al., 2020)."""

import math
from pathlib import Path
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.corpus.corpus import Corpus
from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder import Encoder, pool
from radtex.models.text_encoder import TextEncoder
from radtex.models.tokenizer import PAD
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.objectives.objective import ReportObjective, StepObjective, recipe_captions
from radtex.pretraining.recipe import Recipe

LARGEST_SCALE = 100.0
FIRST_SCALE = 1 / 0.07
"""Bound and start of the inverse temperature, as CLIP has them (Radford et al., 2021)."""


class Contrastive(ReportObjective, StepObjective):
    """Mean over the pairs of a step of the InfoNCE losses of image to text and text to image.

    As in ConVIRT, the mean over the grid and the maximum over the token states go through a
    projection with one hidden layer each and are compared by their cosine; the text tower is no
    BERT but of the decoder's size, the temperature is learnt, and both directions weigh the same.
    Equal texts of two images count as different ones, there as here.
    """

    terms: tuple[str, ...] = ("contrastive",)

    def __init__(self, encoder: Encoder, options: DecoderOptions, captions: Captions) -> None:
        super().__init__(encoder, captions)
        hidden = options.hidden
        self.text_encoder = TextEncoder(len(captions.tokenizer), captions.max_tokens + 1, options)
        self.image_projection = _projection(encoder.width, hidden)
        self.text_projection = _projection(hidden, hidden)
        share = FIRST_SCALE / LARGEST_SCALE
        self.scale = nn.Parameter(torch.tensor(math.log(share / (1 - share))))
        self.embedding_width = 2 * hidden

    @classmethod
    def from_recipe(cls, recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Self:
        """Build a text encoder of the size of the recipe's decoder, and its captions."""
        return cls(encoder, recipe.decoder, recipe_captions(recipe, corpus, run))

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the pairs."""
        return np.array([len(rows)], dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """Return the texts, (B, T)."""
        return {"forward": self.captions.streams(rows, backward=False)}

    def embed(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Embed pairs as `embed_pairs` does."""
        return self.embed_pairs(self.encoder(images), targets["forward"])

    def embed_pairs(self, grid: Tensor, tokens: Tensor) -> Tensor:
        """Image grids (B, C, h, w) and texts (B, T) → unit vectors of both, (B, 2 H)."""
        padding = (tokens == PAD).unsqueeze(-1)
        text = self.text_encoder(tokens).masked_fill(padding, -torch.inf).amax(dim=1)
        sides = self.image_projection(pool(grid)), self.text_projection(text)
        return torch.cat([F.normalize(side.float(), dim=1) for side in sides], dim=1)

    def relate(self, embeddings: Tensor) -> Tensor:
        """Sum the losses of both directions over all pairs, half of each."""
        images, texts = embeddings.chunk(2, dim=1)
        with torch.autocast(embeddings.device.type, enabled=False):
            scores = LARGEST_SCALE * self.scale.sigmoid() * (images @ texts.T)
        own = torch.arange(len(scores), device=scores.device)
        to_text = F.cross_entropy(scores, own, reduction="sum")
        to_image = F.cross_entropy(scores.T, own, reduction="sum")
        return (0.5 * (to_text + to_image)).unsqueeze(0)


def _projection(width: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, hidden))
