"""Know an image again in another view of it, without any text (VICReg, Bardes et al., 2022)."""

from pathlib import Path
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.corpus.corpus import Corpus
from radtex.errors import RecipeError
from radtex.models.encoder import Encoder, pool
from radtex.pretraining.objectives.objective import StepObjective
from radtex.pretraining.recipe import Recipe

INVARIANCE_WEIGHT = 25.0
VARIANCE_WEIGHT = 25.0
COVARIANCE_WEIGHT = 1.0
EPSILON = 1e-4
"""Weights of the terms (the paper's λ, μ and ν), and what is added to a variance."""


class VICReg(StepObjective):
    """Distance of two views of an image, where the embeddings of a step vary and do not covary.

    An expander of three layers embeds the pooled grid of each view. The terms of the loss, as in
    the authors' code, are the mean squared difference of the two embeddings of an image; how far
    the standard deviation of each dimension falls short of 1; and the squared covariances of
    different dimensions. They are logged with their weights. Variances and covariances are over
    the images of a step, and those of both views are taken apart.
    """

    terms = ("invariance", "variance", "covariance")
    views = 2

    def __init__(self, encoder: Encoder, width: int, rows: int) -> None:
        """Build with a random expander.

        Args:
            encoder: what is trained.
            width: D of the embedding of a view.
            rows: N of the corpus.
        """
        super().__init__()
        self.encoder = encoder
        self.expander = nn.Sequential(
            nn.Linear(encoder.width, width, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Linear(width, width, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Linear(width, width, bias=False),
        )
        self.embedding_width = 2 * width
        # Rows, and the same mirrored.
        self.lengths = np.zeros(2 * rows, dtype=np.int64)

    @classmethod
    def from_recipe(cls, recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Self:  # noqa: ARG003
        """Build an expander as wide as the recipe's decoder.

        So a recipe has some 4 to 8 dimensions for each image of a step; the paper has 4. The n
        images of a step span n − 1 dimensions, and more cannot all vary without covarying.

        Raises:
            RecipeError: if the recipe names labels to learn.
        """
        if recipe.targets or recipe.label_source != "corpus":
            raise RecipeError(
                "the objective 'vicreg' learns from images alone; found --targets or "
                "--label-source, which belong to the objective 'supervised'; leave them out"
            )
        return cls(encoder, recipe.decoder.hidden, len(corpus.images))

    def usable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """All rows: no report and no label is needed."""
        return rows

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the images, the same for each term."""
        return np.full(len(self.terms), len(rows), dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:  # noqa: ARG002
        """Return nothing: the views are each other's target."""
        return {}

    def embed(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:  # noqa: ARG002
        """Embed both views of each image, (2 B, 1, S, S), side by side: (B, 2 D)."""
        embeddings = self.expander(pool(self.encoder(images))).float()
        return torch.cat(embeddings.chunk(2), dim=1)

    def relate(self, embeddings: Tensor) -> Tensor:
        """Weigh the terms of a step of N images, times N."""
        with torch.autocast(embeddings.device.type, enabled=False):
            first, second = embeddings.chunk(2, dim=1)
            spreads = [_spread(view) for view in (first, second)]
            terms = [
                INVARIANCE_WEIGHT * F.mse_loss(first, second),
                VARIANCE_WEIGHT * torch.stack([short for short, _ in spreads]).mean(),
                COVARIANCE_WEIGHT * torch.stack([covary for _, covary in spreads]).sum(),
            ]
            return len(embeddings) * torch.stack(terms)


def _spread(view: Tensor) -> tuple[Tensor, Tensor]:
    """Mean shortfall of the deviations from 1, and sum of squared covariances over D, of (N, D)."""
    centred = view - view.mean(dim=0)
    # A single image has no variance: its deviation falls short of 1 by all of it.
    freedom = max(len(view) - 1, 1)
    covariances = centred.T @ centred / freedom
    variances = covariances.diagonal()
    short = F.relu(1 - (variances + EPSILON).sqrt()).mean()
    squares = covariances.square().sum() - variances.square().sum()
    return short, squares / view.shape[1]
