import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from radtex.transfer.protocols import logistic
from radtex.transfer.protocols.gram import gram_matrix
from radtex.transfer.protocols.logistic import fit_logistic

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
FOLDS = 3


def problem(rows, width, seed, shift=0.0, noise=0.5):
    """Features, labels they tell, and masks that leave out each third, then nothing."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rows, width)) * np.arange(1, width + 1) ** -0.5
    positive = z[:, 0] + z[:, 1] + noise * rng.normal(size=rows) > shift
    masks = np.arange(rows) % FOLDS != np.arange(FOLDS + 1)[:, None]
    return z, positive, masks


def solve(problems, strengths=STRENGTHS, dtype=torch.float64):
    z, positive, masks = (
        torch.tensor(np.stack(each)).to(dtype) for each in zip(*problems, strict=True)
    )
    return fit_logistic(gram_matrix(z), positive, masks, strengths)


def oracle(z, positive, strength):
    return LogisticRegression(C=strength, tol=1e-9, max_iter=100_000).fit(z, positive)


def oracle_loss(z, positive, masks, strength):
    predicted = np.empty(len(z))
    for mask in masks[:FOLDS]:
        fitted = oracle(z[mask], positive[mask], strength)
        predicted[~mask] = fitted.predict_proba(z[~mask])[:, 1]
    return log_loss(positive, predicted)


cases = pytest.mark.parametrize(
    ("rows", "width", "shift"),
    [(60, 200, 0.0), (200, 60, 0.0), (90, 10, 1.5), (60, 300, -1.0)],
    ids=["separable", "tall", "few positives", "few negatives"],
)


@cases
def test_the_fits_of_one_value_are_those_of_scikit_learn(rows, width, shift):
    z, positive, masks = problem(rows, width, seed=rows, shift=shift)
    for strength in STRENGTHS:
        fits = solve([(z, positive, masks)], (strength,))
        assert fits.converged.all()
        for place, mask in enumerate(masks):
            expected = oracle(z[mask], positive[mask], strength)
            weights = z.T @ fits.dual[0, place].numpy()
            error = np.linalg.norm(weights - expected.coef_[0]) / np.linalg.norm(expected.coef_)
            assert error < 1.1 * logistic.TOLERANCE
            logits, theirs = z @ weights, expected.decision_function(z)
            logits += fits.intercept[0, place].item()
            np.testing.assert_allclose(logits, theirs, atol=0.05 * theirs.std())


@cases
def test_the_path_finds_the_value_with_the_least_held_out_loss(rows, width, shift):
    z, positive, masks = problem(rows, width, seed=rows, shift=shift)
    fits = solve([(z, positive, masks)])
    losses = np.array([oracle_loss(z, positive, masks, strength) for strength in STRENGTHS])
    assert fits.converged.all()
    assert fits.choice.item() == losses.argmin()
    reached = fits.loss[0].isfinite().numpy()
    np.testing.assert_allclose(fits.loss[0, reached], losses[reached], rtol=0.01)
    assert (losses[~reached] > losses.min()).all()
    expected = oracle(z, positive, STRENGTHS[losses.argmin()])
    weights = z.T @ fits.dual[0, -1].numpy()
    error = np.linalg.norm(weights - expected.coef_[0]) / np.linalg.norm(expected.coef_)
    assert error < 1.1 * logistic.TOLERANCE


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.1, 1.0, 10.0]), st.sampled_from([5, 40]))
def test_no_value_beyond_a_hopeless_one_is_better(seed, noise, width):
    one = problem(30, width, seed, noise=noise)
    if min(one[1].sum(), (~one[1]).sum()) < 2 * FOLDS:
        return
    path = solve([one])
    each = [solve([one], (strength,)).loss.item() for strength in STRENGTHS]
    assert each[path.choice.item()] < 1.01 * min(each)


def test_single_precision_reaches_the_double_precision_solution():
    _, positive, masks = problem(200, 400, seed=1)
    rng = np.random.default_rng(2)
    z = rng.normal(size=(200, 400)) + 3 * rng.normal(size=(200, 1))  # features much alike
    one = ((z - z.mean(0)) / z.std(0), positive, masks)
    single, double = (solve([one], dtype=dtype) for dtype in (torch.float32, torch.float64))
    assert single.converged.all()
    assert single.choice == double.choice
    logits, expected = (
        one[0] @ one[0].T @ each.dual[0, -1].double().numpy() for each in (single, double)
    )
    assert (np.abs(logits - expected) / expected.std()).max() < 0.02


def test_subsets_solved_together_equal_subsets_solved_alone():
    noises = (0.01, 0.5, 1.0, 100.0)  # these leave the path at different values
    problems = [problem(50, 120, seed, noise=noise) for seed, noise in enumerate(noises)]
    together = solve(problems)
    assert len(set(together.choice.tolist())) > 1
    for place, each in enumerate(problems):
        alone = solve([each])
        for mine, one in zip(vars(together).values(), vars(alone).values(), strict=True):
            torch.testing.assert_close(mine[place], one[0], rtol=1e-6, atol=1e-9)


def test_rows_outside_the_mask_do_not_train():
    z, positive, masks = problem(60, 30, seed=3)
    plain, flipped, other = (
        solve([(z, labels, masks[:1])], (0.1,)).dual
        for labels in (positive, positive ^ ~masks[0], ~positive)
    )
    torch.testing.assert_close(flipped, plain, atol=1e-9, rtol=0)
    assert (other - plain).abs().max() > 0.01


def test_where_nothing_is_held_out_the_first_value_is_taken():
    z, positive, masks = problem(40, 20, seed=5)
    fits = solve([(z, positive, masks[-1:])])
    assert fits.choice.item() == 0
    assert fits.converged.all()
    expected = oracle(z, positive, STRENGTHS[0]).coef_[0]
    np.testing.assert_allclose(z.T @ fits.dual[0, 0].numpy(), expected, rtol=0.05, atol=1e-5)


def test_of_values_with_equal_loss_the_first_is_chosen():
    _, positive, masks = problem(40, 20, seed=6)
    fits = solve([(np.zeros((40, 3)), positive, masks)])
    assert fits.choice.item() == 0
    assert (fits.dual == 0).all()
    assert fits.converged.all()


def test_steps_that_run_out_leave_the_best_so_far_and_say_so(monkeypatch):
    monkeypatch.setattr(logistic, "MAX_STEPS", 2)
    fits = solve([problem(60, 200, seed=4)])
    assert not fits.converged.any()
    assert fits.dual.isfinite().all()
