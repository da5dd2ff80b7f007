"""The sum of a contrastive and a captioning loss, in one process and in two."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from fixtures.objectives import (
    CONTEXT,
    OPTIONS,
    ROWS,
    captions,
    cross_entropy,
    images,
    infonce,
    scrambled,
    similarities,
    stream,
)
from fixtures.recipes import LEAN
from radtex.corpus.corpus import Corpus
from radtex.models.encoder import Encoder
from radtex.models.model_description import DecoderDescription
from radtex.pretraining.objectives.contrastive_captioning import ContrastiveCaptioning
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe


@pytest.fixture
def contrastive_captioning(encoder: Encoder) -> ContrastiveCaptioning:
    texts = captions()
    description = DecoderDescription(len(texts.tokenizer), CONTEXT, ("forward",), OPTIONS)
    objective = ContrastiveCaptioning(encoder, description, texts)
    scrambled(objective)
    return objective.eval()


def test_contrastive_captioning_adds_twice_the_loss_of_each_token(
    contrastive_captioning: ContrastiveCaptioning,
) -> None:
    objective, total, count = contrastive_captioning, 0.0, 0
    for row in ROWS:
        tokens = stream(objective, row)
        memory = objective.decoder.memory(objective.encoder(images()[row : row + 1]))
        for i in range(1, len(tokens)):
            states = objective.decoder(torch.tensor([tokens[:i]]), memory, "forward")
            logits = objective.decoder.logits(states[0, -1])
            total += cross_entropy(logits.tolist(), tokens[i])
            count += 1
    sums = objective(images(), objective.targets(ROWS))
    contrast = infonce(similarities(objective))
    assert sums.tolist() == pytest.approx([contrast, 2 * total], rel=1e-4)
    assert objective.counts(ROWS).tolist() == [4, count]


@pytest.mark.soak
def test_two_processes_contrast_the_same_pairs_as_one(
    phantom_corpus: Corpus, tmp_path: Path
) -> None:
    """To the byte: both passes over a part draw alike, whichever process they are in."""
    recipe = load_recipe("contrastive-captioning-small", LEAN)
    one, two = pretrain(phantom_corpus, tmp_path / "one", recipe), tmp_path / "two"
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in LEAN.items()]
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = ["-m", "radtex", "pretrain", str(phantom_corpus.path), "--out", str(two)]
    subprocess.run(
        [sys.executable, *torchrun, *command, "--recipe", "contrastive-captioning-small", *flags],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
    )
    for name in ("model.safetensors", "metrics.jsonl"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
