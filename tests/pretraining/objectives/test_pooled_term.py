"""Terms from the pooled grid: their weights, counts and targets."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from fixtures.objectives import ROWS, captions
from radtex.pretraining.objectives.pooled_term import LabelTerm, TokenTerm
from radtex.pretraining.objectives.token_bag import TokenBag

POOLED = torch.randn(4, 8, generator=torch.Generator().manual_seed(0))


def test_a_term_is_its_weight_times_the_loss_of_its_head() -> None:
    bag = TokenBag(captions())
    head = nn.Linear(8, bag.classes)
    once, thrice = TokenTerm(1.0, head, bag), TokenTerm(3.0, head, bag)
    targets = once.targets(ROWS)
    assert once(POOLED, targets).tolist() == bag(head(POOLED), targets).tolist()
    assert thrice(POOLED, targets).item() == pytest.approx(3 * once(POOLED, targets).item())
    assert once.count(ROWS) == 4


def test_labels_are_those_of_the_rows_also_where_they_are_mirrored() -> None:
    labels = np.array([[1, np.nan], [np.nan, np.nan], [0, 1], [np.nan, 0]], dtype=np.float32)
    term = LabelTerm(2.0, 8, labels)
    samples = np.array([0, 4, 6])
    assert np.array_equal(term.targets(samples).numpy(), labels[[0, 0, 2]], equal_nan=True)
    assert term.count(samples) == 4
    scores, total = term.head(POOLED[:3]).tolist(), 0.0
    for score, own in zip(scores, labels[[0, 0, 2]].tolist(), strict=True):
        for logit, label in zip(score, own, strict=True):
            if not math.isnan(label):
                p = 1 / (1 + math.exp(-logit))
                total -= math.log(p if label == 1 else 1 - p)
    loss = term(POOLED[:3], term.targets(samples))
    assert loss.tolist() == pytest.approx([2 * total], rel=1e-5)
    loss.sum().backward()
    assert all(weight.grad.isfinite().all() for weight in term.head.parameters())


def test_a_step_without_a_definite_label_has_no_loss_and_no_division_by_zero() -> None:
    term = LabelTerm(1.0, 8, np.full((4, 2), np.nan, dtype=np.float32))
    assert term.count(ROWS) == 1
    assert term(POOLED, term.targets(ROWS)).tolist() == [0.0]
