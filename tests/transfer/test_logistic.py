import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from radtex.transfer import logistic
from radtex.transfer.logistic import LogisticFits, fit_logistic

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
    """Fits of one subset under every mask (rows, masks) at every C: (masks, C, ...) each."""
    x = torch.tensor(z, dtype=dtype)
    fits = fit_logistic(
        (x @ x.T)[None],
        torch.tensor(positive, dtype=dtype)[None],
        torch.tensor(masks.T, dtype=dtype).repeat_interleave(len(STRENGTHS), 0)[None],
        torch.tensor(STRENGTHS, dtype=dtype).repeat(masks.shape[1]),
    )
    by_mask = (masks.shape[1], len(STRENGTHS))
    return LogisticFits(*(value[0].unflatten(0, by_mask) for value in vars(fits).values()))


@pytest.mark.parametrize(
    ("rows", "width", "shift"),
    [(60, 200, 0.0), (200, 60, 0.0), (90, 10, 1.5), (60, 300, -1.0)],
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
            weights = z.T @ fits.dual[mask, place].numpy()
            error = np.linalg.norm(weights - oracle.coef_[0]) / np.linalg.norm(oracle.coef_)
            assert error < 1.1 * logistic.TOLERANCE
            logits = fits.logits[mask, place].numpy()
            expected = oracle.decision_function(z)
            np.testing.assert_allclose(logits, expected, atol=0.05 * expected.std())
            np.testing.assert_allclose(
                logits, z @ weights + float(fits.intercept[mask, place]), atol=1e-8
            )


def test_single_precision_reaches_the_double_precision_solution():
    _, positive, masks = problem(200, 400, seed=1)
    rng = np.random.default_rng(2)
    z = rng.normal(size=(200, 400)) + 3 * rng.normal(size=(200, 1))  # features much alike
    z = (z - z.mean(0)) / z.std(0)
    single, double = (solve(z, positive, masks, dtype) for dtype in (torch.float32, torch.float64))
    assert single.converged.all()
    spread = double.logits.std(-1, keepdim=True)
    assert ((single.logits - double.logits).abs() / spread).max() < 0.02


def test_subsets_solved_together_equal_subsets_solved_alone():
    problems = [problem(50, 120, seed) for seed in range(3)]
    x = torch.tensor(np.stack([z for z, _, _ in problems]))
    masks = torch.tensor(problems[0][2].T)  # the first mask, at each C
    together = fit_logistic(
        x @ x.mT,
        torch.tensor(np.stack([positive for _, positive, _ in problems])).double(),
        masks[0].expand(3, len(STRENGTHS), -1),
        torch.tensor(STRENGTHS, dtype=torch.float64),
    )
    for place, each in enumerate(problems):
        alone = solve(*each).logits[0]
        error = (together.logits[place] - alone).abs() / alone.std(-1, keepdim=True)
        assert error.max() < 0.05


def test_rows_outside_the_mask_do_not_train():
    z, positive, masks = problem(60, 30, seed=3)
    logits = solve(z, positive, masks[:, :1]).logits
    flipped = positive ^ (masks[:, 0] == 0)
    torch.testing.assert_close(solve(z, flipped, masks[:, :1]).logits, logits, atol=1e-9, rtol=0)
    assert (solve(z, ~flipped, masks[:, :1]).logits - logits).abs().max() > 0.1


def test_a_fit_stopped_early_says_so(monkeypatch):
    monkeypatch.setattr(logistic, "MAX_STEPS", 2)
    fits = solve(*problem(60, 200, seed=4))
    assert not fits.converged[..., -1].any()
    assert fits.logits.isfinite().all()
