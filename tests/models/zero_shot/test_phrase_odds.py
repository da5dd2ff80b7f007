"""Log odds of questions against scoring one phrase of one image at a time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.models.decoder import Decoder, Direction
from radtex.models.run import load
from radtex.models.zero_shot.phrase_odds import images_at_once, phrase_odds, phrases_of
from radtex.reports.phrases import Question

LogLikelihood = Callable[[Decoder, Tensor, list[int], Direction], float]

EFFUSION = Question(("there is an effusion.", "large effusion."), ("no effusion.",))
NODULE = Question(("there is a nodule.",), ("no nodule or effusion.", "no effusion."))


def test_each_side_is_the_mean_over_its_phrases_per_token_and_direction(
    writing_run: Path, phantom_corpus: Corpus, naive_log_likelihood: LogLikelihood
) -> None:
    model = load(writing_run)
    decoder, tokenizer = model.writer()
    images = np.array(phantom_corpus.images[:2])
    found = phrase_odds(model, torch.from_numpy(images), [NODULE, EFFUSION])
    for image, row in zip(images, found, strict=True):
        memory = model.memory(image[None])
        for question, odds in zip((NODULE, EFFUSION), row, strict=True):
            sides = []
            for side in (question.affirm, question.deny):
                evidence = []
                for phrase in side:
                    tokens = tokenizer.encode(phrase)
                    ways = (("forward", tokens), ("backward", tokens[::-1]))
                    each = [naive_log_likelihood(decoder, memory, own, way) for way, own in ways]
                    evidence.append(np.mean(each) / len(tokens))
                sides.append(np.mean(evidence))
            assert float(odds) == pytest.approx(sides[0] - sides[1], abs=1e-5)


def test_a_phrase_that_questions_share_is_scored_once() -> None:
    assert phrases_of([EFFUSION, NODULE]).count("no effusion.") == 1
    assert images_at_once([EFFUSION, NODULE]) == 1024 // 5
