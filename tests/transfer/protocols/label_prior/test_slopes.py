import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from radtex.transfer.protocols.label_prior.slopes import SLOPES, chosen_slopes

FOLDS = 5


def oracle(known, positive, folds, presumed):
    """The choice by scipy alone, study after study."""
    losses = []
    for slope in SLOPES:
        of_study = np.empty(len(known))
        for fold in range(FOLDS):
            out = folds == fold

            def loss(b, out=out, slope=slope):
                logits = slope * known[~out] + b
                return np.logaddexp(0, np.where(positive[~out], -logits, logits)).sum()

            b = minimize_scalar(loss, bounds=(-30, 30), method="bounded", options={"xatol": 1e-9}).x
            logits = slope * known[out] + b
            of_study[out] = np.logaddexp(0, np.where(positive[out], -logits, logits))
        losses.append(of_study)
    best = int(np.argmin([each.sum() for each in losses]))
    gain = losses[SLOPES.index(presumed)] - losses[best]
    told = gain.mean() > max(gain.std(ddof=1) / len(gain) ** 0.5, 1e-4)
    return SLOPES[best] if told else presumed


def batch(scales, seed=0, size=40):
    """Draws whose prior is their true log odds, divided by each scale."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.normal(size=(len(scales), size))
    positive = rng.random(logits.shape) < 1 / (1 + np.exp(-logits))
    known = logits / np.array(scales)[:, None]
    folds = np.arange(size) % FOLDS
    masks = np.tile(folds != np.arange(FOLDS + 1)[:, None], (len(scales), 1, 1))
    return known, positive, folds, masks


@pytest.mark.parametrize("presumed", [0.0, 1.0])
def test_slopes_are_those_of_a_loop_over_scipy(presumed):
    scales = [0.5, 1, 1, 2, 4, 8, 1e6, -1] * 4
    known, positive, folds, masks = batch(scales)
    found = chosen_slopes(*(torch.tensor(each, dtype=torch.float32) for each in (known, positive)),
                          torch.tensor(masks, dtype=torch.float32), presumed)  # fmt: skip
    expected = [
        oracle(k, p, folds, presumed)
        for k, p in zip(known.astype(np.float32), positive, strict=True)
    ]
    assert found.tolist() == expected
    assert len(set(expected)) >= 3


def test_a_prior_that_knows_nothing_is_seldom_used():
    rng = np.random.default_rng(1)
    known, positive, _, masks = batch([1] * 300)
    for scale in (1e-4, 1.0):
        useless = torch.tensor(scale * rng.normal(size=known.shape), dtype=torch.float32)
        found = chosen_slopes(
            useless, torch.tensor(positive, dtype=torch.float32),
            torch.tensor(masks, dtype=torch.float32), 0.0,
        )  # fmt: skip
        assert (found != 0).float().mean() < 0.25


def test_a_presumed_prior_that_knows_nothing_is_given_up_by_most_draws():
    rng = np.random.default_rng(1)
    known, positive, _, masks = batch([1] * 300)
    useless = torch.tensor(2 * rng.normal(size=known.shape), dtype=torch.float32)
    found = chosen_slopes(
        useless, torch.tensor(positive, dtype=torch.float32),
        torch.tensor(masks, dtype=torch.float32), 1.0,
    )  # fmt: skip
    assert (found == 0).float().mean() > 0.7
    assert (found >= 1).float().mean() < 0.05


@pytest.mark.parametrize("presumed", [0.0, 1.0])
def test_a_prior_far_from_the_labels_does_no_harm(presumed):
    _, positive, _, masks = batch([1])
    found = chosen_slopes(
        torch.tensor(1e4 * (0.5 - positive), dtype=torch.float32),
        torch.tensor(positive, dtype=torch.float32), torch.tensor(masks, dtype=torch.float32),
        presumed,
    )  # fmt: skip
    assert found.tolist() == [0.0]
