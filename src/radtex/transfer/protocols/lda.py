"""The lda protocol: a linear discriminant whose covariance is that of the whole pool, unlabelled.

The direction that parts two Gaussian classes of one covariance is Σ⁻¹ (μ₊ − μ₋) (Fisher 1936,
Annals of Eugenics 7:179). The means come from the draw; Σ comes from the features of all studies of
the pool, whose labels nobody reads. It is their covariance about one mean: that of the classes plus
a multiple of (μ₊ − μ₋)(μ₊ − μ₋)ᵀ, which changes the length of the direction and not the direction.
It is shrunk towards a multiple of the identity (Ledoit and Wolf 2004), of features that are
standardised on the pool. Nothing is tuned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from radtex.transfer.measures.scores import Scores, score, stored
from radtex.transfer.protocols.frozen import FrozenProtocol
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.experiment import Experiment


@dataclass(frozen=True)
class Lda(FrozenProtocol[None]):
    """Class means of the draw, and the covariance of the pool."""

    name: ClassVar[str] = "lda"
    """Its name."""

    def settings(self) -> dict[str, Any]:
        """Return that features of studies without labels are used."""
        return {"covariance": "all studies of the pool, unlabelled; Ledoit and Wolf"}

    def measure_features(
        self, experiment: Experiment, pool: Tensor, test: Tensor, name: str
    ) -> Scores:
        """Project the test on each draw's direction; see `FrozenProtocol.measure_features`."""
        del name
        discriminant = discriminants(pool, test, experiment.draws)
        return score(experiment, stored(discriminant), logits=False)


def discriminants(pool: Tensor, test: Tensor, draws: Sequence[Draw]) -> Tensor:
    """Return the linear discriminant of each draw; a constant feature has no part in it.

    Args:
        pool: features (n, D) of the pool's studies.
        test: features (m, D) of the test's.
        draws: the labelled studies.

    Returns:
        Scores (draws, m), higher for the positive class.
    """
    from sklearn.covariance import ledoit_wolf_shrinkage

    deviation, mean = torch.std_mean(pool.double(), 0, correction=0)
    deviation = torch.where(deviation > 0, deviation, torch.inf)
    rows, tested = (pool.double() - mean) / deviation, (test.double() - mean) / deviation
    shrinkage = float(ledoit_wolf_shrinkage(rows.cpu().numpy(), assume_centered=True))
    covariance = (1 - shrinkage) * (rows.T @ rows) / len(rows)
    spread = float(rows.square().mean()) or 1.0
    covariance.diagonal().add_(shrinkage * spread)
    differences = []
    for draw in draws:
        studies = torch.from_numpy(draw.studies).to(rows.device)
        positive = torch.from_numpy(draw.positive).to(rows.device)
        differences.append(rows[studies[positive]].mean(0) - rows[studies[~positive]].mean(0))
    # The pseudo-inverse, since a constant feature has neither variance nor a difference.
    directions = torch.linalg.pinv(covariance, hermitian=True) @ torch.stack(differences, 1)
    scores: Tensor = (tested @ directions).T
    return scores.to(test.dtype)
