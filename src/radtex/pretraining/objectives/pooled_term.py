"""A term of a loss that is computed from the pooled grid alone, by a head of its own."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.pretraining.data.samples import rows_of
from radtex.pretraining.objectives.token_bag import TokenBag


class PooledTerm(nn.Module, ABC):
    """A head, its targets and its weight in a larger loss."""

    name: ClassVar[str]
    """Name of the term."""

    def __init__(self, weight: float, head: nn.Module) -> None:
        super().__init__()
        self.weight = weight
        self.head = head

    def forward(self, pooled: Tensor, targets: Tensor) -> Tensor:
        """Pooled grids (B, C) and what `targets` gave → (1,), the weighted sum of the losses."""
        return self.weight * self.loss(self.head(pooled), targets)

    @abstractmethod
    def count(self, rows: NDArray[np.int64]) -> int:
        """How many targets `rows` hold, at least 1: what the sum over a step is divided by."""

    @abstractmethod
    def targets(self, rows: NDArray[np.int64]) -> Tensor:
        """The targets of `rows`, on the CPU."""

    @abstractmethod
    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Scores of the head, (B, K), and their targets → (1,), the sum of the losses."""


class TokenTerm(PooledTerm):
    """Which tokens the texts hold; see `TokenBag`."""

    name = "tokens"

    def __init__(self, weight: float, head: nn.Module, bag: TokenBag) -> None:
        super().__init__(weight, head)
        self.bag = bag

    def count(self, rows: NDArray[np.int64]) -> int:
        """Count the texts."""
        return len(rows)

    def targets(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the classes that occur, (B, T)."""
        return self.bag.targets(rows)

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Sum the losses of the texts."""
        summed: Tensor = self.bag(logits, targets)
        return summed


class LabelTerm(PooledTerm):
    """Labels of the rows, where they are definite."""

    name = "labels"

    def __init__(self, weight: float, width: int, labels: NDArray[np.float32]) -> None:
        """Build with a random head.

        Args:
            weight: of the mean loss of the definite labels.
            width: channels C of the grid.
            labels: (N, L) 1, 0, or NaN where the label is not definite.
        """
        super().__init__(weight, nn.Linear(width, labels.shape[1]))
        self.labels = labels

    def count(self, rows: NDArray[np.int64]) -> int:
        """Count the definite labels; 1 where there are none, and no loss either."""
        return max(1, int((~np.isnan(self._of(rows))).sum()))

    def targets(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the labels, (B, L)."""
        return torch.from_numpy(self._of(rows))

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Sum the losses of the definite labels."""
        definite = ~targets.isnan()
        loss = F.binary_cross_entropy_with_logits(
            logits.float(), targets.nan_to_num(), weight=definite.float(), reduction="sum"
        )
        return loss.unsqueeze(0)

    def _of(self, samples: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.labels[rows_of(samples, len(self.labels))]
