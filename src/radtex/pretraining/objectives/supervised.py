"""Multi-label classification: the in-domain rival that learns from labels."""

from pathlib import Path
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.corpus.corpus import Corpus
from radtex.models.encoder import Encoder, pool
from radtex.pretraining.data.samples import rows_of
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.objectives.recipe_labels import recipe_labels
from radtex.pretraining.recipe import Recipe


class Supervised(Objective):
    """Mean binary cross-entropy over the definite labels."""

    terms = ("labels",)

    def __init__(
        self, encoder: Encoder, labels: NDArray[np.float32], names: tuple[str, ...]
    ) -> None:
        """Build with a random head.

        Args:
            encoder: what is trained.
            labels: (N, L) 1, 0, or NaN where the label is not definite.
            names: L names of the labels.
        """
        super().__init__()
        self.label_names = names
        self.encoder = encoder
        self.head = nn.Linear(encoder.width, labels.shape[1])
        self.labels = labels
        # Rows, and the same mirrored.
        self.lengths = np.zeros(2 * len(labels), dtype=np.int64)

    @classmethod
    def from_recipe(cls, recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Self:  # noqa: ARG003
        """Take the labels that the recipe names from the corpus or from its reports.

        Raises:
            RecipeError: if the corpus, or the labeler of reports, does not have them.
        """
        labels, names = recipe_labels(recipe, corpus)
        return cls(encoder, labels, names)

    def usable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows with any definite label."""
        return rows[~np.isnan(self._of(rows)).all(axis=1)]

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the definite labels."""
        return np.array([(~np.isnan(self._of(rows))).sum()], dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """Return the labels, (B, L), NaN where one is not definite."""
        return {"labels": torch.from_numpy(self._of(rows))}

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Sum the losses of the definite labels."""
        logits = self.head(pool(self.encoder(images))).float()
        definite = ~targets["labels"].isnan()
        loss = F.binary_cross_entropy_with_logits(
            logits[definite], targets["labels"][definite], reduction="sum"
        )
        return loss.unsqueeze(0)

    def _of(self, samples: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.labels[rows_of(samples, len(self.labels))]
