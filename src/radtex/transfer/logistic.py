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

TOLERANCE = 3e-3
MAX_STEPS = 2000


@dataclass(frozen=True)
class LogisticFits:
    """Fits of M masks at G values of C on each of B subsets of n rows."""

    dual: Tensor
    """(B, n, M, G): the weights are ``Zᵀ @ dual``."""
    intercept: Tensor
    """(B, M, G)"""
    logits: Tensor
    """(B, n, M, G), of all rows of the subset, masked or not."""
    converged: Tensor
    """(B, M, G), bool."""


def fit_logistic(gram: Tensor, positive: Tensor, masks: Tensor, strengths: Tensor) -> LogisticFits:
    """Fit every mask of every subset at every value of C.

    `gram` is (B, n, n); `positive` (B, n) is 1 or 0; `masks` (B, n, M) is 1 where a row trains,
    with both classes under every mask; `strengths` (G,) holds the values of C. All are of one
    floating type on one device. A fit has converged when ``C · ‖gradient‖ <= TOLERANCE · ‖w‖``,
    which bounds ``‖w - w*‖``, and the residuals of the two classes balance as nearly.
    """
    y, mask = positive[:, :, None, None], masks[..., None]
    prevalence = (mask * y).sum(1) / mask.sum(1)
    dual = gram.new_zeros(*masks.shape, len(strengths))
    intercept = torch.logit(prevalence).expand(dual[:, 0].shape)
    fits = LogisticFits(
        dual=torch.empty_like(dual),
        intercept=torch.empty_like(intercept),
        logits=torch.empty_like(dual),
        converged=torch.zeros_like(intercept, dtype=torch.bool),
    )
    linear = step = linear_step = dual  # `linear` is K @ dual, `linear_step` K @ step
    active = torch.arange(len(strengths), device=gram.device)
    for _ in range(MAX_STEPS):
        probability = torch.sigmoid(linear + intercept[:, None])
        residual = mask * (probability - y)
        gradient = dual / strengths + residual
        linear_gradient = linear / strengths + (gram @ residual.flatten(2)).view_as(residual)
        squared_norm = (gradient * linear_gradient).sum(1)
        slope = residual.sum(1)
        converged = (squared_norm * strengths**2 <= TOLERANCE**2 * (dual * linear).sum(1)) & (
            slope.abs() <= TOLERANCE * residual.abs().sum(1)
        )

        fits.converged[..., active] = converged
        settled = converged.flatten(0, 1).all(0)
        if settled.any():
            fits.dual[..., active[settled]] = dual[..., settled]
            fits.intercept[..., active[settled]] = intercept[..., settled]
            fits.logits[..., active[settled]] = (linear + intercept[:, None])[..., settled]
            if settled.all():
                return fits
            going = ~settled
            active, strengths = active[going], strengths[going]
            dual, linear, step, linear_step, gradient, linear_gradient = (
                state[..., going]
                for state in (dual, linear, step, linear_step, gradient, linear_gradient)
            )
            probability, intercept = probability[..., going], intercept[..., going]
            squared_norm, slope = squared_norm[..., going], slope[..., going]

        curvature = mask * probability * (1 - probability)
        along_gradient, along_step, along_intercept = _newton_step(
            curvature, strengths, gradient, linear_gradient, squared_norm, step, linear_step, slope
        )
        step = along_gradient * gradient + along_step * step
        linear_step = along_gradient * linear_gradient + along_step * linear_step
        reach = (linear_step + along_intercept).abs().amax(1, keepdim=True)
        length = torch.where(reach > 0, torch.log1p(reach) / reach, 1.0)
        step, linear_step = length * step, length * linear_step
        dual, linear = dual + step, linear + linear_step
        intercept = intercept + (length * along_intercept)[:, 0]

    fits.dual[..., active] = dual
    fits.intercept[..., active] = intercept
    fits.logits[..., active] = linear + intercept[:, None]
    return fits


def _newton_step(
    curvature: Tensor,
    strengths: Tensor,
    gradient: Tensor,
    linear_gradient: Tensor,
    squared_norm: Tensor,
    step: Tensor,
    linear_step: Tensor,
    slope: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Coefficients (B, 1, M, G) of the gradient, the previous step and the intercept."""
    step_gradient = (step * linear_gradient).sum(1)
    step_norm = (step * linear_step).sum(1)
    curved_gradient, curved_step = curvature * linear_gradient, curvature * linear_step
    cross = (curved_gradient * linear_step).sum(1) + step_gradient / strengths
    with_intercept = curved_gradient.sum(1), curved_step.sum(1)
    entries = [
        (curved_gradient * linear_gradient).sum(1) + squared_norm / strengths,
        cross,
        with_intercept[0],
        cross,
        (curved_step * linear_step).sum(1) + step_norm / strengths,
        with_intercept[1],
        *with_intercept,
        curvature.sum(1),
    ]
    hessian = torch.stack(entries, -1).unflatten(-1, (3, 3)).double()
    descent = -torch.stack([squared_norm, step_gradient, slope], -1).double()
    diagonal = hessian.diagonal(dim1=-2, dim2=-1)
    scale = torch.where(diagonal > 0, diagonal, 1.0).rsqrt()
    # The ridge keeps the first step solvable, when there is no previous one, and rounding harmless.
    ridge = 1e-9 * torch.eye(3, dtype=hessian.dtype, device=hessian.device)
    scaled = hessian * scale[..., :, None] * scale[..., None, :] + ridge
    solution = scale * torch.linalg.solve(scaled, scale * descent)
    along_gradient, along_step, along_intercept = solution.to(gradient.dtype)[:, None].unbind(-1)
    return along_gradient, along_step, along_intercept
