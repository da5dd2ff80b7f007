"""Log odds of findings by a run's own decoder: are sentences that affirm one the likelier ones?

A phrase's evidence is its log-likelihood per token given the image, averaged over the directions
that the run has. Forward, it is the first sentence of a report, backward the last one. A side
counts the mean over its phrases.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.models.likelihood import log_likelihoods
from radtex.models.pretrained import PretrainedModel
from radtex.reports.phrases import Question

SEQUENCES = 1024
"""Phrases times images that are scored at once, or those of one image."""


def phrases_of(questions: Sequence[Question]) -> list[str]:
    """Return all phrases of the questions, each once."""
    return list(dict.fromkeys(p for each in questions for p in (*each.affirm, *each.deny)))


def images_at_once(questions: Sequence[Question]) -> int:
    """Return of how many images the phrases of the questions are scored at once."""
    return max(1, SEQUENCES // max(1, len(phrases_of(questions))))


def phrase_odds(
    model: PretrainedModel, images: NDArray[np.uint8] | Tensor, questions: Sequence[Question]
) -> Tensor:
    """Weigh the two sides of each question.

    The encoder runs once per image, and each phrase once per image and direction, whichever
    questions share it.

    Args:
        model: of a run.
        images: grey, uint8 (B, H, W), on the device of the model.
        questions: a column each.

    Returns:
        float32 (B, questions): how much likelier the affirming side is, as a difference of
        log-likelihoods per token.

    Raises:
        RunError: if the run has no decoder.
    """
    _, tokenizer = model.writer()
    phrases = phrases_of(questions)
    evidence = _evidence(model, model.memory(images), [tokenizer.encode(each) for each in phrases])
    place = {phrase: number for number, phrase in enumerate(phrases)}

    def weigh(side: Sequence[str]) -> Tensor:
        return evidence[:, [place[phrase] for phrase in side]].mean(dim=1)

    return torch.stack([weigh(each.affirm) - weigh(each.deny) for each in questions], dim=1)


def _evidence(model: PretrainedModel, memory: Tensor, phrases: Sequence[Sequence[int]]) -> Tensor:
    """Log-likelihood per token of each phrase given each image: (B, phrases)."""
    decoder, _ = model.writer()
    lengths = torch.tensor([len(phrase) for phrase in phrases], device=memory.device)
    total = torch.stack(
        [
            log_likelihoods(decoder, memory, [*phrases] * len(memory), direction, whole=False)
            for direction in decoder.directions
        ]
    ).mean(dim=0)
    return total.view(len(memory), -1) / lengths
