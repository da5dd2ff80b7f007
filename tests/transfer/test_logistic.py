import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from radtex.transfer import logistic
from radtex.transfer.logistic import fit_logistic

STRENGTHS = (1e-4, 1e-2, 1.0)


def problem(rows: int, width: int, seed: int, shift: float = 0.0):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rows, width)) * np.arange(1, width + 1) ** -0.5
    positive = z[:, 0] + z[:, 1] + 0.5 * rng.normal(size=rows) > shift
    masks = np.ones((rows, 3))
    masks[np.arange(rows) % 3 == 0, 0] = 0
    masks[np.arange(rows) % 3 == 1, 1] = 0
    return z, positive, masks


def solve(z, positive, masks, dtype=torch.float64):
    x = torch.tensor(z, dtype=dtype)
    return fit_logistic(
        (x @ x.T)[None],
        torch.tensor(positive, dtype=dtype)[None],
        torch.tensor(masks, dtype=dtype)[None],
        torch.tensor(STRENGTHS, dtype=dtype),
    )


@pytest.mark.parametrize(
    ("rows", "width", "shift"),
    [(60, 200, 0.0), (200, 60, 0.0), (90, 10, 1.5), (40, 300, -1.0)],
    ids=["separable", "tall", "few positives", "few negatives"],
)
def test_weights_and_logits_are_those_of_scikit_learn(rows, width, shift):
    z, positive, masks = problem(rows, width, seed=rows, shift=shift)
    fits = solve(z, positive, masks)
    assert fits.converged.all()
    for mask in range(3):
        train = masks[:, mask] == 1
        for place, strength in enumerate(STRENGTHS):
            oracle = LogisticRegression(C=strength, tol=1e-9, max_iter=100_000)
            oracle.fit(z[train], positive[train])
            weights = z.T @ fits.dual[0, :, mask, place].numpy()
            error = np.linalg.norm(weights - oracle.coef_[0]) / np.linalg.norm(oracle.coef_)
            assert error < 1.1 * logistic.TOLERANCE
            logits = fits.logits[0, :, mask, place].numpy()
            np.testing.assert_allclose(logits, oracle.decision_function(z), atol=0.05)
            np.testing.assert_allclose(
                logits, z @ weights + float(fits.intercept[0, mask, place]), atol=1e-8
            )


def test_single_precision_reaches_the_double_precision_solution():
    z, positive, masks = problem(300, 800, seed=1)
    z[:, 0] *= 100  # one direction that dominates, as in a real encoder's features
    single, double = (solve(z, positive, masks, dtype) for dtype in (torch.float32, torch.float64))
    assert single.converged.all()
    spread = double.logits.std(1, keepdim=True)
    assert ((single.logits - double.logits).abs() / spread).max() < 0.02


def test_subsets_solved_together_equal_subsets_solved_alone():
    problems = [problem(50, 120, seed) for seed in range(3)]
    x = torch.tensor(np.stack([z for z, _, _ in problems]))
    together = fit_logistic(
        x @ x.mT,
        torch.tensor(np.stack([positive for _, positive, _ in problems])).double(),
        torch.tensor(np.stack([masks for _, _, masks in problems])),
        torch.tensor(STRENGTHS, dtype=torch.float64),
    )
    for place, each in enumerate(problems):
        alone = solve(*each)
        torch.testing.assert_close(together.logits[place], alone.logits[0], atol=0.03, rtol=0.01)


def test_rows_outside_the_mask_do_not_train():
    z, positive, masks = problem(60, 30, seed=3)
    fits = solve(z, positive, masks)
    flipped = positive ^ (masks[:, 0] == 0)
    torch.testing.assert_close(
        solve(z, flipped, masks).logits[:, :, 0], fits.logits[:, :, 0], atol=0.01, rtol=0
    )


def test_a_fit_stopped_early_says_so(monkeypatch):
    monkeypatch.setattr(logistic, "MAX_STEPS", 2)
    fits = solve(*problem(60, 200, seed=4))
    assert not fits.converged[..., -1].any()
    assert fits.logits.isfinite().all()
