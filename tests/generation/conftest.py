from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.models.decoder import Decoder, Direction
from radtex.models.tokenizer import MASK, PAD, START
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe


@pytest.fixture(scope="session")
def run_of_context(
    phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[int], Path]:
    """Makes a run of bicaptioning, two steps old, with a context of so many tokens."""

    @cache
    def run(max_tokens: int) -> Path:
        options = {
            "backbone": "test_resnet",
            "hidden": 16,
            "heads": 2,
            "feedforward": 32,
            "vocabulary": 400,
            "max_tokens": max_tokens,
            "steps": 2,
        }
        out = tmp_path_factory.mktemp("runs") / "writing"
        return pretrain(phantom_corpus, out, load_recipe("radtex-small", options))

    return run


@pytest.fixture(scope="session")
def writing_run(run_of_context: Callable[[int], Path]) -> Path:
    return run_of_context(24)


@pytest.fixture(scope="session")
def naive_log_likelihood() -> Callable[[Decoder, Tensor, list[int], Direction], float]:
    """Of tokens in the order of their direction, the prefix run again for each."""

    def log_likelihood(
        decoder: Decoder, memory: Tensor, tokens: list[int], direction: Direction
    ) -> float:
        total = 0.0
        for place, token in enumerate(tokens):
            with torch.no_grad():
                states = decoder(torch.tensor([[START, *tokens[:place]]]), memory, direction)
                logits = decoder.logits(states)[0, -1]
            logits[[PAD, START, MASK]] = -torch.inf
            total += float(logits.log_softmax(-1)[token])
        return total

    return log_likelihood
