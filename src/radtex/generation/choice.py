"""Which candidate becomes the report: likely in both directions, and what a head says is there."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.generation.label_head import stated_labels
from radtex.models.decoder import Decoder
from radtex.models.likelihood import log_likelihoods
from radtex.reports.consistency.contradictions import find_contradictions

LIKELIHOOD_WEIGHT = 2.0
"""What a log-likelihood of one per token counts for, against one of the labels."""


def agreement(leanings: NDArray[np.float64], stated: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How well texts agree with a head: the log-likelihood of what they state and do not.

    Args:
        leanings: log odds less thresholds of B films, (B, 14).
        stated: what the C texts of each film state as present, (B, C, 14).

    Returns:
        (B, C), 0 at most.
    """
    signed = np.where(stated, 1, -1) * leanings[:, None]
    return np.asarray(-np.logaddexp(0, -signed).sum(-1))


def likelihood_per_token(
    decoder: Decoder, memory: Tensor, texts: Sequence[Sequence[Sequence[int]]]
) -> NDArray[np.float64]:
    """Log-likelihoods per token, summed over the directions of the decoder.

    Args:
        decoder: in eval mode.
        memory: image cells (B, cells, H).
        texts: C texts of each of the B images, as tokens.

    Returns:
        (B, C), the end token counted.
    """
    every = [tokens for of_image in texts for tokens in of_image]
    total = torch.stack(
        [log_likelihoods(decoder, memory, every, way, whole=True) for way in decoder.directions]
    ).sum(dim=0)
    lengths = total.new_tensor([min(len(text) + 1, decoder.max_tokens) for text in every])
    return (total / lengths).double().cpu().numpy().reshape(len(memory), -1)


def choose(
    likelihoods: NDArray[np.float64],
    leanings: NDArray[np.float64],
    texts: Sequence[Sequence[str]],
    likelihood_weight: float = LIKELIHOOD_WEIGHT,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose one of the C texts of each of B films.

    One that contradicts itself is chosen only where all do. Of equals the first is.

    Args:
        likelihoods: per token, (B, C).
        leanings: see `agreement`.
        texts: C of each film.
        likelihood_weight: what the likelihoods count for, against the agreement.

    Returns:
        The number of the text, (B,), and its score, (B,).
    """
    every = [text for of_film in texts for text in of_film]
    stated = stated_labels(every).reshape(*likelihoods.shape, -1)
    scores = likelihood_weight * likelihoods + agreement(leanings, stated)
    torn = {text: bool(find_contradictions(text)) for text in set(every)}
    against = np.array([[torn[text] for text in of_film] for of_film in texts])
    best = np.where(against & ~against.all(1, keepdims=True), -np.inf, scores).argmax(1)
    return best, scores[np.arange(len(best)), best]
