"""Tell which tokens occur in the report of a radiograph, in no order (VirTex's ablation)."""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.corpus.corpus import Corpus
from radtex.models.encoder import Encoder, pool
from radtex.pretraining.objectives.objective import ReportObjective, recipe_captions
from radtex.pretraining.objectives.token_bag import TokenBag, occurrence_head, recipe_bag
from radtex.pretraining.recipe import Recipe


class TokenClassification(ReportObjective):
    """Mean cross-entropy of a softmax over the vocabulary with the K tokens at 1/K each.

    As VirTex has it, after Mahajan et al. (2018), rather than a yes or no for each token. See
    `TokenBag` for other weights and classes.
    """

    terms = ("tokens",)

    def __init__(self, encoder: Encoder, head: nn.Module, bag: TokenBag) -> None:
        super().__init__(encoder, bag.captions)
        self.head = head
        self.bag = bag

    @classmethod
    def from_recipe(cls, recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Self:
        """Build a head over the vocabulary of the recipe's captions."""
        captions = recipe_captions(recipe, corpus, run, recipe.occurrence.assertions)
        bag = recipe_bag(recipe, corpus, captions)
        return cls(encoder, occurrence_head(recipe, encoder, bag), bag)

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the texts."""
        return np.array([len(rows)], dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """Return the classes of the tokens, (B, T)."""
        return {"tokens": self.bag.targets(rows)}

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Sum the losses of the texts."""
        loss: Tensor = self.bag(self.head(pool(self.encoder(images))), targets["tokens"])
        return loss
