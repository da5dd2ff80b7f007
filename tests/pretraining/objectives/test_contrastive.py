"""The contrastive loss against a loop over pairs."""

import math

import pytest
import torch

from fixtures.objectives import OPTIONS, ROWS, captions, images, infonce, scrambled, similarities
from radtex.models.encoder import Encoder
from radtex.pretraining.objectives.contrastive import Contrastive


@pytest.fixture
def contrastive(encoder: Encoder) -> Contrastive:
    objective = Contrastive(encoder, OPTIONS, captions())
    scrambled(objective)
    return objective.eval()


def test_contrastive_equals_a_loop_over_pairs(contrastive: Contrastive) -> None:
    sums = contrastive(images(), contrastive.targets(ROWS))
    assert sums.tolist() == pytest.approx([infonce(similarities(contrastive))], rel=1e-4)
    assert contrastive.counts(ROWS).tolist() == [4]
    with torch.inference_mode():
        again = contrastive(images(), contrastive.targets(ROWS))
    assert again.tolist() == pytest.approx(sums.tolist(), rel=1e-4)


def test_the_temperature_starts_at_007_and_stays_above_001(contrastive: Contrastive) -> None:
    swapped = torch.cat([torch.eye(2), torch.eye(2).flip(0)], dim=1)
    for value, temperature in ((contrastive.scale.item(), 0.07), (50.0, 0.01)):
        contrastive.scale.data.fill_(value)
        loss = 2 * math.log1p(math.exp(1 / temperature))
        assert contrastive.relate(swapped).item() == pytest.approx(loss, rel=1e-4)


def test_a_single_pair_has_nothing_to_tell_apart(contrastive: Contrastive) -> None:
    loss = contrastive(images(1), contrastive.targets(ROWS[:1]))
    loss.sum().backward()
    assert loss.item() == 0
    assert all(p.grad is None or p.grad.isfinite().all() for p in contrastive.parameters())
