"""The knn protocol: the labelled studies that are most similar vote.

Similarity is the cosine of frozen features, standardised on the draw. A vote weighs 1 + cosine,
and the score is the weighted share of positive votes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from radtex.progress import progress_bar
from radtex.transfer.measures.scores import Scores, score, stored
from radtex.transfer.protocols.frozen import FrozenProtocol
from radtex.transfer.protocols.sentences import lone_classes, shares
from radtex.transfer.protocols.standardise import standardise
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.folds import FOLDS, every_fold_trains

COUNTS = (1, 3, 5, 10, 20, 50, 100, 200)
"""The numbers of neighbours k that are tried; of a draw only those that every fold can give."""


@dataclass(frozen=True)
class Neighbours:
    """How many neighbours each draw asks."""

    choices: NDArray[np.int64]
    """(draws,): the position in COUNTS of the chosen k."""
    cross_validated: NDArray[np.bool_]
    """(draws,): False where a class came from one fold's patients alone; k is then the largest."""
    losses: NDArray[np.float64]
    """(draws,): the Brier score over the folds at the chosen k; 0 where there is none."""
    layers: NDArray[np.int64]
    """(draws,): the place of the chosen layer among those offered."""


@dataclass(frozen=True)
class Knn(FrozenProtocol[Neighbours]):
    """Votes of the most similar labelled studies."""

    name: ClassVar[str] = "knn"
    """Its name."""
    chooses_layers: ClassVar[bool] = True
    """The layer of the least Brier score over the folds, as k."""

    def settings(self) -> dict[str, Any]:
        """Return how the number of neighbours is chosen."""
        return {"folds": FOLDS, "neighbours": list(COUNTS)}

    def measure_features(
        self, experiment: Experiment, pool: Tensor, test: Tensor, name: str
    ) -> Scores:
        """Let the labelled studies of each draw vote; see `FrozenProtocol.measure_features`."""
        return self.measure_layers(experiment, [pool], [test], name)

    def measure_layers(
        self, experiment: Experiment, pool: Sequence[Tensor], test: Sequence[Tensor], name: str
    ) -> Scores:
        """Let them vote by the layer of each draw; see `FrozenProtocol.measure_layers`."""
        voted = [
            vote_of_neighbours(*features, experiment.draws, f"neighbours on {name}")
            for features in zip(pool, test, strict=True)
        ]
        best = np.argmin([chosen.losses for _, chosen in voted], axis=0)
        draws = np.arange(len(best))
        votes = torch.stack([votes for votes, _ in voted])[best, draws]
        chosen = Neighbours(
            np.stack([each.choices for _, each in voted])[best, draws],
            voted[0][1].cross_validated,
            np.stack([each.losses for _, each in voted])[best, draws],
            best,
        )
        return score(experiment, stored(votes), logits=False, fits=chosen)

    def flags(self, fits: Mapping[str, Neighbours], experiment: Experiment) -> list[str]:
        """Say where the number of neighbours could not be chosen."""
        # The draws are the same for every encoder and seed, and so is what is not cross-validated.
        return lone_classes(
            next(iter(fits.values())).cross_validated[: len(experiment.draws)],
            "the number of neighbours could not be cross-validated and is the largest tried",
        )

    def summary(self, fits: Mapping[str, Neighbours]) -> dict[str, Any]:
        """Return the share of draws that chose each number of neighbours, by contestant."""
        return {"neighbours": {name: shares(each.choices, COUNTS) for name, each in fits.items()}}


def vote_of_neighbours(
    pool: Tensor, test: Tensor, draws: Sequence[Draw], title: str
) -> tuple[Tensor, Neighbours]:
    """Let the nearest labelled studies of each draw vote on each test study.

    k is the value with the least Brier score over the draw's studies, each asking those of the
    other folds; of equals the larger.

    Args:
        pool: features (n, D) of the pool's studies.
        test: features (m, D) of the test's.
        draws: the labelled studies.
        title: names the progress bar.

    Returns:
        Scores (draws, m), 0 to 1, and how many neighbours were asked.
    """
    scores = test.new_empty(len(draws), len(test))
    choices = np.empty(len(draws), np.int64)
    least = np.zeros(len(draws))
    cross_validated = np.array([every_fold_trains(draw.positive, draw.folds) for draw in draws])
    with progress_bar(title, len(draws), "draws") as bar:
        for place, draw in enumerate(draws):
            studies = torch.from_numpy(draw.studies)[None].to(pool.device)
            labelled, mean, deviation = standardise(pool, studies)
            known = normalize(labelled[0])
            positive = torch.from_numpy(draw.positive).to(pool)
            tried = [count for count in COUNTS if count <= _fewest_others(draw.folds)]
            choices[place] = len(tried) - 1
            if cross_validated[place]:
                folds = torch.from_numpy(draw.folds).to(pool.device)
                others = (known @ known.T).masked_fill(folds[:, None] == folds, -torch.inf)
                losses = (_votes(others, positive, tried) - positive).square().mean(1).tolist()
                least[place] = min(losses)
                choices[place] = max(k for k, loss in enumerate(losses) if loss == min(losses))
            asked = normalize((test - mean) / deviation)
            scores[place] = _votes(asked @ known.T, positive, [COUNTS[choices[place]]])[0]
            bar.advance()
    layers = np.zeros(len(draws), np.int64)
    return scores, Neighbours(choices, cross_validated, least, layers)


def _fewest_others(folds: NDArray[np.int64]) -> int:
    """How many studies the largest fold leaves to be asked, at least one."""
    return max(1, len(folds) - int(np.bincount(folds).max()))


def _votes(similarity: Tensor, positive: Tensor, counts: Sequence[int]) -> Tensor:
    """Weighted shares of positive votes (counts, m) for similarities (m, n) to n known studies.

    Where all votes weigh nothing, they count alike.
    """
    nearest = similarity.topk(max(counts), dim=1)
    weights = (1 + nearest.values).clamp(min=1e-6)
    known = positive[nearest.indices]
    shares = (weights * known).cumsum(1) / weights.cumsum(1)
    return torch.stack([shares[:, count - 1] for count in counts])
