"""The prototype protocol: is a study more like the mean positive or the mean negative study?

Prototypical networks (Snell, Swersky and Zemel 2017, "Prototypical networks for few-shot
learning") with the cosine for likeness, on frozen features. Nothing is tuned. The features are
standardised on the draw, so the two class means lie on opposite sides of 0, and the difference of
the two likenesses is twice the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import normalize

from radtex.progress import progress_bar
from radtex.transfer.measures.scores import Scores, score, stored
from radtex.transfer.protocols.frozen import FrozenProtocol
from radtex.transfer.protocols.standardise import standardise
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.experiment import Experiment


@dataclass(frozen=True)
class Prototype(FrozenProtocol[None]):
    """Likeness to the mean labelled study of each class."""

    name: ClassVar[str] = "prototype"
    """Its name."""

    def settings(self) -> dict[str, Any]:
        """Return nothing: nothing is tuned."""
        return {}

    def measure_features(
        self, experiment: Experiment, pool: Tensor, test: Tensor, name: str
    ) -> Scores:
        """Compare the test with the class means; see `FrozenProtocol.measure_features`."""
        likeness = likeness_to_prototypes(pool, test, experiment.draws, f"prototypes on {name}")
        return score(experiment, stored(likeness), logits=False)


def likeness_to_prototypes(pool: Tensor, test: Tensor, draws: Sequence[Draw], title: str) -> Tensor:
    """Return the cosine to the mean of the positives minus that to the mean of the negatives.

    Args:
        pool: features (n, D) of the pool's studies, standardised by each draw.
        test: features (m, D) of the test's, standardised by each draw.
        draws: the labelled studies.
        title: names the progress bar.

    Returns:
        Scores (draws, m).
    """
    scores = test.new_empty(len(draws), len(test))
    with progress_bar(title, len(draws), "draws") as bar:
        for place, draw in enumerate(draws):
            studies = torch.from_numpy(draw.studies)[None].to(pool.device)
            labelled, mean, deviation = standardise(pool, studies)
            positive = torch.from_numpy(draw.positive).to(pool.device)
            means = torch.stack([labelled[0][side].mean(0) for side in (positive, ~positive)])
            cosines = normalize((test - mean) / deviation) @ normalize(means).T
            scores[place] = cosines[:, 0] - cosines[:, 1]
            bar.advance()
    return scores
