"""Say which tokens occur in the report of a radiograph, in no order (VirTex's ablation)."""

from pathlib import Path
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.corpus.corpus import Corpus
from radtex.models.encoder import Encoder, pool
from radtex.models.tokenizer import MASK
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.objectives.objective import ReportObjective, recipe_captions
from radtex.pretraining.recipe import Recipe


class TokenClassification(ReportObjective):
    """Mean cross-entropy of a softmax over the vocabulary with the K tokens at 1/K each.

    As VirTex has it, after Mahajan et al. (2018), rather than a yes or no for each token. Only
    the tokens that fit the context count.
    """

    terms = ("tokens",)

    def __init__(self, encoder: Encoder, captions: Captions) -> None:
        super().__init__(encoder, captions)
        self.head = nn.Linear(encoder.width, len(captions.tokenizer))

    @classmethod
    def from_recipe(cls, recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Self:
        """Build a head over the vocabulary of the recipe's captions."""
        return cls(encoder, recipe_captions(recipe, corpus, run))

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the texts."""
        return np.array([len(rows)], dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """Return the texts, (B, T)."""
        return {"tokens": self.captions.streams(rows, backward=False)}

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Sum the losses of the texts."""
        logits = self.head(pool(self.encoder(images))).float()
        occurring = torch.zeros_like(logits).scatter(1, targets["tokens"], 1.0)
        occurring[:, : MASK + 1] = 0.0
        shares = occurring / occurring.sum(dim=1, keepdim=True)
        return F.cross_entropy(logits, shares, reduction="sum").unsqueeze(0)
