"""Cross-validated logistic regressions along a path of penalties, many at once.

Each fit minimises ``C · Σ_i m_i log(1 + exp(-s_i f_i)) + ½ ‖w‖²`` over ``f = Z w + b``, with ``s``
the sign of the label, ``m`` the training mask and ``b`` unpenalised: scikit-learn's objective; an
offset, where there is one, is added to ``f`` and not learnt. The
solution has ``w = Zᵀ a``, so the fits on one subset share its Gram matrix ``K = Z Zᵀ``, and one
matrix product a step, ``K`` times the residuals of all masks, serves them all. Each subset goes
through the values of C at its own pace, from the smallest, and starts from the solution before.

A step minimises over the steepest descent, the previous step and the intercept together, by one
Newton step in that subspace (Conn, Gould, Sartenaer and Toint 1996, "On iterated-subspace
minimization methods"); on a quadratic this is the conjugate gradient method. Where the logits
change by at most ``r``, the curvature along the step grows by at most ``exp(r)`` (Sun and
Tran-Dinh 2019, "Generalized self-concordant functions: a recipe for Newton-type methods"). So the
whole step lowers the objective while ``exp(r) <= 1 + r + r²``, that is up to r = 1.79, and of a
longer step its part ``log(1 + r) / r`` does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.linalg import vecdot

from radtex.transfer.protocols.gram import GramProducts, Products

HOPELESS = 1.05
"""Where the held-out loss is this many times the least so far, no larger C is tried."""
TOLERANCE = 1e-2
MAX_STEPS = 1000
ROUNDING = 1e-6
"""Losses that differ by a smaller part are equal."""
_WHOLE_STEP = 1.79


@dataclass(frozen=True)
class LogisticFits:
    """The F fits on each of B subsets of n rows, at the value of C with the least held-out loss."""

    choice: Tensor
    """(B,), int64: the position of that value; of equals the first."""
    loss: Tensor
    """(B, values of C), float64: mean held-out log-loss; infinite for a C left or not tried."""
    dual: Tensor
    """(B, F, n): the weights are ``dual @ Z``."""
    intercept: Tensor
    """(B, F): added to them."""
    converged: Tensor
    """(B,), bool: False where the steps ran out before the end of the path."""


def fit_logistic(
    gram: Tensor | Products,
    positive: Tensor,
    masks: Tensor,
    strengths: Sequence[float],
    offset: Tensor | None = None,
) -> LogisticFits:
    """Fit F logistic regressions to every subset, each with its own mask, and choose one C for all.

    Each row is predicted by the fit whose mask leaves it out; where no mask leaves a row out, the
    first C is chosen. A fit has converged when ``C · ‖gradient‖ <= TOLERANCE · ‖w‖``, which bounds
    ``‖w - w*‖``, and the residuals of the two classes balance as nearly. A subset leaves the path
    where its loss is HOPELESS, which it often is long before the fits converge: the fits that
    would take longest are those nobody chooses.

    Args:
        gram: (B, n, n), inner products of the rows, or what multiplies with them.
        positive: (B, n), 1 or 0, of the type and device of `gram`.
        masks: (B, F, n), 1 where a row trains, with both classes under every mask; of the type
            and device of `gram`.
        strengths: the values of C, ascending.
        offset: (B, n), added to the logits of each row; nothing if None.
    """
    count, device = len(positive), positive.device
    known = torch.zeros_like(masks[:, :1]) if offset is None else offset[:, None]
    trained = (masks * positive[:, None]).sum(-1, keepdim=True)
    intercept = torch.logit(trained / masks.sum(-1, keepdim=True))
    fits = LogisticFits(
        choice=torch.zeros(count, dtype=torch.int64, device=device),
        loss=torch.full((count, len(strengths)), torch.inf, dtype=torch.float64, device=device),
        dual=torch.zeros_like(masks),
        intercept=intercept[..., 0].clone(),
        converged=torch.zeros(count, dtype=torch.bool, device=device),
    )
    products = GramProducts(gram) if isinstance(gram, Tensor) else gram
    values = positive.new_tensor(strengths)
    last = torch.where((masks == 0).flatten(1).any(1), len(strengths) - 1, 0)
    places = torch.arange(count, device=device)
    level = torch.zeros_like(places)
    least = torch.full_like(fits.loss[:, 0], torch.inf)
    dual = linear = step = linear_step = torch.zeros_like(masks)  # `linear` is dual @ K, and so on
    for _ in range(MAX_STEPS):
        c = values[level, None, None]
        logits = known + linear + intercept
        residual = masks * (torch.sigmoid(logits) - positive[:, None])
        linear_residual = products(residual)
        error = vecdot(dual + c * residual, linear + c * linear_residual)
        balanced = residual.sum(-1).abs() <= TOLERANCE * residual.abs().sum(-1)
        converged = ((error <= TOLERANCE**2 * vecdot(dual, linear)) & balanced).all(-1)
        loss = _held_out_loss(logits, positive, masks)
        hopeless = loss > HOPELESS * least

        if (converged | hopeless).any():
            better = converged & (loss < least * (1 - ROUNDING))
            least = torch.where(better, loss, least)
            fits.loss[places[converged], level[converged]] = loss[converged]
            fits.choice[places[better]] = level[better]
            fits.dual[places[better]] = dual[better]
            fits.intercept[places[better]] = intercept[better, :, 0]
            leaving = hopeless | (converged & (level == last))
            fits.converged[places[leaving]] = True
            if leaving.all():
                break
            # The next value starts here, and what led here is the first step before.
            level = level + converged
            step = torch.where(converged[:, None, None], dual, step)
            linear_step = torch.where(converged[:, None, None], linear, linear_step)
            if leaving.any():
                products.keep(~leaving)
                positive, known, masks, intercept, dual, linear, step, linear_step = (
                    each[~leaving]
                    for each in (positive, known, masks, intercept, dual, linear, step, linear_step)
                )
                last, places, level, least, residual, linear_residual = (
                    each[~leaving]
                    for each in (last, places, level, least, residual, linear_residual)
                )
            c = values[level, None, None]

        gradient, linear_gradient = residual + dual / c, linear_residual + linear / c
        along = _newton_coefficients(
            (gradient, step), (linear_gradient, linear_step), residual, masks, c[..., 0]
        )
        linear_step = along[0] * linear_gradient + along[1] * linear_step
        reach = (linear_step + along[2]).abs().amax(-1, keepdim=True)
        length = torch.where(reach > _WHOLE_STEP, torch.log1p(reach) / reach, 1.0)
        step = length * (along[0] * gradient + along[1] * step)
        linear_step = length * linear_step
        dual, linear = dual + step, linear + linear_step
        intercept = intercept + length * along[2]
    return fits


def _held_out_loss(logits: Tensor, positive: Tensor, masks: Tensor) -> Tensor:
    held_out = ((1 - masks) * logits).sum(1)
    return torch.nn.functional.softplus((1 - 2 * positive) * held_out).double().mean(-1)


def _newton_coefficients(
    duals: tuple[Tensor, Tensor],
    images: tuple[Tensor, Tensor],
    residual: Tensor,
    masks: Tensor,
    c: Tensor,
) -> Tensor:
    """Minimise the second-order model over the gradient, the previous step and the intercept.

    `duals` are gradient and previous step, (B, F, n) each, and `images` their products with K.
    Returns the coefficients of the three, (3, B, F, 1).
    """
    gradient, step = duals
    first, second = images
    size = residual.abs()
    curvature = size * (masks - size)  # p (1 - p) where the mask is 1
    curved_first, curved_second = curvature * first, curvature * second
    first_first, first_second = vecdot(gradient, first), vecdot(gradient, second)
    slope = torch.stack([first_first, first_second, residual.sum(-1)], -1).double()
    a = vecdot(curved_first, first) + first_first / c
    b = vecdot(curved_first, second) + first_second / c
    d = vecdot(curved_second, second) + vecdot(step, second) / c
    e, f, g = curved_first.sum(-1), curved_second.sum(-1), curvature.sum(-1)
    hessian = torch.stack([a, b, e, b, d, f, e, f, g], -1).double().unflatten(-1, (3, 3))
    # A relative ridge makes rounding harmless; the rest serves a previous step that is nothing.
    hessian.diagonal(dim1=-2, dim2=-1).mul_(1 + 1e-9).add_(1e-30)
    along: Tensor = torch.linalg.solve(hessian, -slope)
    return along.to(c.dtype).movedim(-1, 0)[..., None]
