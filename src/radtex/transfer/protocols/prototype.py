"""The prototype protocol: is a study more like the mean positive or the mean negative study?

Prototypical networks (Snell, Swersky and Zemel 2017, "Prototypical networks for few-shot
learning") with the cosine for likeness, on frozen features. Nothing is tuned. The features are
standardised on the draw, so the two class means lie on opposite sides of 0, and the difference of
the two likenesses is twice the first.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from radtex.progress import progress_bar
from radtex.transfer.protocols.standardise import standardise
from radtex.transfer.sampling.draws import Draw


def likeness_to_prototypes(pool: Tensor, test: Tensor, draws: Sequence[Draw], title: str) -> Tensor:
    """Cosine to the mean of the positives minus cosine to that of the negatives.

    `pool` and `test` are features of studies (·, D), standardised by each draw; returns
    (draws, test studies). `title` names the progress bar.
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
