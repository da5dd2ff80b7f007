"""L2-regularised logistic regression, many fits at once, from inner products alone.

Each fit minimises ``C · Σ_i m_i log(1 + exp(-s_i f_i)) + ½ ‖w‖²`` over ``f = Z w + b``, with ``s``
the sign of the label, ``m`` the training mask and ``b`` unpenalised: scikit-learn's objective. The
solution has ``w = Zᵀ a``, so the fits on one subset share its Gram matrix ``K = Z Zᵀ``, and one
matrix product a step, ``K`` times the residuals of all fits, serves them all.

A step minimises over the steepest descent, the previous step and the intercept together, by one
Newton step in that subspace (Conn, Gould, Sartenaer and Toint 1996, "On iterated-subspace
minimization methods"); on a quadratic this is the conjugate gradient method. Along a step ``d`` of
the logits the curvature grows by at most ``exp(t · max |d|)``, so that the length
``log(1 + max |d|) / max |d|`` never overshoots (Sun and Tran-Dinh 2019, "Generalized
self-concordant functions: a recipe for Newton-type methods").
"""

from dataclasses import dataclass

import torch
from torch import Tensor

TOLERANCE = 1e-2
MAX_STEPS = 500


@dataclass(frozen=True)
class LogisticFits:
    """F fits on each of B subsets of n rows."""

    dual: Tensor
    """(B, F, n): the weights are ``dual @ Z``."""
    intercept: Tensor
    """(B, F)"""
    logits: Tensor
    """(B, F, n), of all rows of the subset, masked or not."""
    converged: Tensor
    """(B, F), bool."""


def fit_logistic(gram: Tensor, positive: Tensor, masks: Tensor, strengths: Tensor) -> LogisticFits:
    """Fit F logistic regressions to every subset, each with its own mask and value of C.

    `gram` is (B, n, n); `positive` (B, n) is 1 or 0; `masks` (B, F, n) is 1 where a row trains,
    with both classes under every mask; `strengths` (F,) holds the values of C. All are of one
    floating type on one device. A fit has converged when ``C · ‖gradient‖ <= TOLERANCE · ‖w‖``,
    which bounds ``‖w - w*‖``, and the residuals of the two classes balance as nearly.
    """
    y, mask, c = positive[:, None], masks, strengths[:, None]
    intercept = torch.logit((mask * y).sum(-1, keepdim=True) / mask.sum(-1, keepdim=True))
    dual = linear = step = linear_step = torch.zeros_like(mask)  # `linear` is dual @ K, and so on
    fits = LogisticFits(
        dual=torch.empty_like(mask),
        intercept=torch.empty_like(mask[..., 0]),
        logits=torch.empty_like(mask),
        converged=torch.empty_like(mask[..., 0], dtype=torch.bool),
    )
    active = torch.arange(len(strengths), device=gram.device)
    for steps_left in reversed(range(MAX_STEPS)):
        probability = torch.sigmoid(linear + intercept)
        residual = mask * (probability - y)
        directions = torch.stack([dual / c + residual, step], 2)  # the first is the gradient
        images = torch.stack([linear / c + residual @ gram, linear_step], 2)
        products = directions @ images.mT
        slope = residual.sum(-1)
        converged = (
            products[..., 0, 0] * c[:, 0] ** 2 <= TOLERANCE**2 * (dual * linear).sum(-1)
        ) & (slope.abs() <= TOLERANCE * residual.abs().sum(-1))

        leaving = converged.all(0) if steps_left else torch.ones_like(active, dtype=torch.bool)
        if leaving.any():
            places = active[leaving]
            fits.dual[:, places] = dual[:, leaving]
            fits.intercept[:, places] = intercept[:, leaving, 0]
            fits.logits[:, places] = (linear + intercept)[:, leaving]
            fits.converged[:, places] = converged[:, leaving]
            if leaving.all():
                break
            active, c = active[~leaving], c[~leaving]
            mask, probability, intercept, dual, linear, directions, images, products, slope = (
                state[:, ~leaving]
                for state in (
                    *(mask, probability, intercept, dual, linear),
                    *(directions, images, products, slope),
                )
            )

        curvature = mask * probability * (1 - probability)
        along, along_intercept = _newton_step(curvature, c, images, products, slope)
        step, linear_step = ((along @ each).squeeze(2) for each in (directions, images))
        reach = (linear_step + along_intercept).abs().amax(-1, keepdim=True)
        length = torch.where(reach > 0, torch.log1p(reach) / reach, 1.0)
        step, linear_step = length * step, length * linear_step
        dual, linear = dual + step, linear + linear_step
        intercept = intercept + length * along_intercept
    return fits


def _newton_step(
    curvature: Tensor, c: Tensor, images: Tensor, products: Tensor, slope: Tensor
) -> tuple[Tensor, Tensor]:
    """Minimise the second-order model over both directions and the intercept.

    Returns the coefficients of the directions, (B, F, 1, 2), and of the intercept, (B, F, 1).
    """
    hessian = torch.empty(*slope.shape, 3, 3, dtype=torch.float64, device=slope.device)
    curved = curvature[:, :, None] * images
    hessian[..., :2, :2] = curved @ images.mT + products / c[..., None]
    hessian[..., 2, :2] = hessian[..., :2, 2] = curved.sum(-1)
    hessian[..., 2, 2] = curvature.sum(-1)
    descent = -torch.cat([products[..., 0], slope[..., None]], -1).double()
    diagonal = hessian.diagonal(dim1=-2, dim2=-1)
    scale = torch.where(diagonal > 0, diagonal, 1.0).rsqrt()
    # The ridge keeps the first step solvable, when there is no previous one, and rounding harmless.
    ridge = 1e-9 * torch.eye(3, dtype=hessian.dtype, device=hessian.device)
    scaled = hessian * scale[..., :, None] * scale[..., None, :] + ridge
    solution = (scale * torch.linalg.solve(scaled, scale * descent)).to(slope.dtype)
    return solution[..., None, :2], solution[..., 2:]
