"""How much of a prior each draw begins from: a of SLOPES, by the draw's own folds.

With w = 0 the logit is ``a · s + b``: for each a, b is fitted without each fold in turn, and the
fold's studies are predicted. The a with the least held-out loss is taken if it is better than the
presumed one by the rule of one standard error (`one_standard_error`). Where nothing is known of a
prior, 0 is presumed; the rule then has a reason beside caution: a prior that knows nothing hardly
changes the loss, and yet orders the studies wherever the draw's own weights are smaller still.
"""

import torch
from torch import Tensor
from torch.nn.functional import softplus

from radtex.transfer.protocols.label_prior.one_standard_error import gains_enough

SLOPES = (0.0, 0.25, 0.5, 1.0, 2.0)
"""The values of a, from nothing to twice the prior's log odds."""
_STEPS = 100
_EXACT = 1e-6  # of the positive labels, that the fitted ones may differ by


def chosen_slopes(known: Tensor, positive: Tensor, masks: Tensor, presumed: float) -> Tensor:
    """Choose a for B draws of n studies.

    Args:
        known: (B, n), the prior of their studies.
        positive: (B, n), 1 or 0.
        masks: (B, F, n), 1 where a study trains; the last of the F holds nothing out.
        presumed: what stands until another is plainly better, of SLOPES.

    Returns:
        (B,), each of SLOPES, of equals the smallest.
    """
    aims, trained = positive.double()[:, None, None], masks[:, None, :-1].double()
    slopes = torch.tensor(SLOPES, dtype=torch.float64, device=known.device)
    logits = slopes[:, None, None] * known.double()[:, None, None]
    losses = softplus((1 - 2 * aims) * (logits + _intercepts(logits, aims, trained)))
    of_studies = ((1 - trained) * losses).sum(2)  # (B, A, n)
    best = of_studies.sum(2).argmin(1)
    least = of_studies[torch.arange(len(best), device=best.device), best]
    told = gains_enough(of_studies[:, SLOPES.index(presumed)] - least)
    return torch.where(told, slopes[best], presumed).to(known.dtype)


def _intercepts(logits: Tensor, aims: Tensor, masks: Tensor) -> Tensor:
    """The b with the least loss, (B, A, F, 1), for logits (B, A, 1, n).

    Newton's steps, shortened where the curvature may change along them as in `logistic`.
    """
    count = (masks * aims).sum(-1, keepdim=True)
    intercept = torch.logit(count / masks.sum(-1, keepdim=True)) - logits.mean(-1, keepdim=True)
    for _ in range(_STEPS):
        chance = torch.sigmoid(logits + intercept)
        slope = (masks * (chance - aims)).sum(-1, keepdim=True)
        if bool((slope.abs() <= _EXACT * count).all()):
            break
        curvature = (masks * chance * (1 - chance)).sum(-1, keepdim=True)
        step = slope / curvature.clamp(min=1e-12)
        intercept = intercept - step.sign() * torch.log1p(step.abs())
    return intercept
