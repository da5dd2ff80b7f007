"""Logistic probes on frozen features: one fit per draw, its C chosen by the draw's own folds."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import softplus

from radtex.progress import progress_bar
from radtex.statistics.thresholds import choose_thresholds
from radtex.transfer.protocols.gram import GramProducts, gram_matrix
from radtex.transfer.protocols.label_prior.one_standard_error import gains_enough
from radtex.transfer.protocols.label_prior.slopes import chosen_slopes
from radtex.transfer.protocols.logistic import ROUNDING, fit_logistic
from radtex.transfer.protocols.standardise import standardise
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.folds import FOLDS, every_fold_trains

STRENGTHS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""The values of C, from hardly more than the prevalence to nearly unregularised."""
_ENTRIES_AT_ONCE = 20_000  # logits of one batch of fits, small enough for a processor's cache
_ENTRIES_ON_GPU = 1_000_000  # enough to keep one busy, in some 2 GB


@dataclass(frozen=True)
class Probes:
    """One probe per draw, in the draws' order: the logit of x is ``x @ weights.T + intercepts``."""

    weights: Tensor
    """(draws, D), for features as they come."""
    intercepts: Tensor
    """(draws,): added to them."""
    choices: NDArray[np.int64]
    """(draws,): the position in STRENGTHS of the chosen C."""
    cross_validated: NDArray[np.bool_]
    """(draws,): False where a class came from one fold's patients alone; C is then the smallest."""
    converged: NDArray[np.bool_]
    """(draws,): whether all fits that led to the probe met their tolerance."""
    thresholds: NDArray[np.float64]
    """(draws, 2): the logits from which a study is called positive, `youden` and `sensitive`
    (`statistics.thresholds`), chosen on out-of-fold logits as those of a kept classifier; NaN where
    not cross-validated."""
    losses: NDArray[np.float64]
    """(draws,): log-loss of the folds at the chosen C, each held out once."""
    layers: NDArray[np.int64]
    """(draws,): the place of the chosen layer among those offered; D is then the width of all
    together, with weights of 0 for the others."""
    slopes: NDArray[np.float64]
    """(draws,): how much of the prior is added to the logit; 0 where there is none."""

    def of(self, draws: NDArray[np.int64]) -> "Probes":
        """Return those of some draws."""
        chosen = torch.from_numpy(draws).to(self.weights.device)
        parts: dict[str, Any] = {
            name: value[chosen] if isinstance(value, Tensor) else value[draws]
            for name, value in vars(self).items()
        }
        return replace(self, **parts)

    def put(self, draws: NDArray[np.int64], others: "Probes") -> None:
        """Set others in the place of those of some draws."""
        chosen = torch.from_numpy(draws).to(self.weights.device)
        for name, value in vars(self).items():
            value[chosen if isinstance(value, Tensor) else draws] = getattr(others, name)


def of_best_layer(fits: Sequence[Probes]) -> Probes:
    """Take for each draw the probe of the layer with the least held-out loss, of equals the first.

    Args:
        fits: of each layer.
    """
    if len(fits) == 1:
        return fits[0]
    best = np.argmin([each.losses for each in fits], axis=0)
    chosen = [torch.from_numpy(best == place).to(fits[0].weights) for place in range(len(fits))]
    draws = np.arange(len(best))

    def of_best(values: Sequence[NDArray[Any]]) -> NDArray[Any]:
        found: NDArray[Any] = np.stack(values)[best, draws]
        return found

    return Probes(
        torch.cat([each.weights * own[:, None] for each, own in zip(fits, chosen, strict=True)], 1),
        torch.stack([each.intercepts for each in fits])[best, draws],
        of_best([each.choices for each in fits]),
        fits[0].cross_validated,
        of_best([each.converged for each in fits]),
        of_best([each.thresholds for each in fits]),
        of_best([each.losses for each in fits]),
        best,
        of_best([each.slopes for each in fits]),
    )


def fit_probes(features: Tensor, draws: Sequence[Draw], title: str, shown: bool = True) -> Probes:
    """Fit a probe to each draw.

    C is the value with the least log-loss over all studies, each predicted from the other folds;
    of equals the smaller; none is tried beyond one whose loss is `logistic.HOPELESS`. The probe is
    the fit to the whole draw.

    Args:
        features: (studies, D), of the pool; they are standardised on the draw, and a constant one
            becomes 0.
        draws: the labelled studies.
        title: names the progress bar.
        shown: whether there is one.
    """
    return _fit_all(features, draws, title, None, shown)[0]


def fit_probes_from_prior(
    features: Tensor,
    draws: Sequence[Draw],
    title: str,
    prior: Tensor,
    presumed: float = 0.0,
    shown: bool = True,
) -> tuple[Probes, Probes]:
    """Fit a probe to each draw without a prior, and one that may begin from it.

    ``Σ ℓ(y, a · s + w · x + b) + ‖w‖² / 2 C`` is least, s being the prior. The folds that choose C
    choose a too, in two steps: first a, with w = 0 (`label_prior.slopes`), then C with this a, as
    it is chosen without a prior.

    What stands unless the labels tell otherwise depends on what is known of the prior. Where
    nothing is (`presumed` is 0), it is the plain probe: it is kept, with a = 0, where its held-out
    loss is no greater. Else it is the prior: C is the smallest, so that w hardly counts, unless the
    chosen one is better by the rule of one standard error.

    Args:
        features: as in `fit_probes`.
        draws: the labelled studies.
        title: names the progress bar.
        prior: (studies, T), of the pool.
        presumed: the a that is taken unless the labels tell otherwise.
        shown: whether there is a progress bar.

    Returns:
        The plain probes, and those with a prior.
    """
    return _fit_all(features, draws, title, (prior, presumed), shown)


def _fit_all(
    features: Tensor,
    draws: Sequence[Draw],
    title: str,
    prior: tuple[Tensor, float] | None,
    shown: bool,
) -> tuple[Probes, Probes]:
    plain, begun = _unfitted(features, len(draws)), _unfitted(features, len(draws))
    with progress_bar(title, len(draws), "probes", shown=shown) as bar:
        for places in _batches(draws, features.device):
            fitted = _fit_batch(features, [draws[place] for place in places], prior)
            for each, own in zip((plain, begun), fitted, strict=True):
                each.put(np.array(places), own)
            bar.advance(len(places))
    return plain, begun


def _unfitted(features: Tensor, draws: int) -> Probes:
    return Probes(
        weights=features.new_empty(draws, features.shape[1]),
        intercepts=features.new_empty(draws),
        choices=np.empty(draws, np.int64),
        cross_validated=np.empty(draws, np.bool_),
        converged=np.empty(draws, np.bool_),
        thresholds=np.empty((draws, 2)),
        losses=np.empty(draws),
        layers=np.zeros(draws, np.int64),
        slopes=np.zeros(draws),
    )


def _batches(draws: Sequence[Draw], device: torch.device) -> Iterator[list[int]]:
    entries = _ENTRIES_AT_ONCE if device.type == "cpu" else _ENTRIES_ON_GPU

    def count(place: int) -> int:
        return len(draws[place].studies)

    for size, group in groupby(sorted(range(len(draws)), key=count), key=count):
        places = list(group)
        at_once = max(1, entries // (size * (FOLDS + 1)))
        for start in range(0, len(places), at_once):
            yield places[start : start + at_once]


def fold_masks(draws: Sequence[Draw], like: Tensor) -> tuple[Tensor, NDArray[np.bool_]]:
    """Return what trains while each fold of B draws is held out, and at last of all folds.

    Args:
        draws: of n studies each.
        like: gives the type and device.

    Returns:
        (B, FOLDS + 1, n) of 1 and 0, and (B,), whether every fold leaves both classes. Where one
        does not, nothing is held out.
    """
    folds = torch.from_numpy(np.stack([draw.folds for draw in draws])).to(like.device)
    validated = np.array([every_fold_trains(draw.positive, draw.folds) for draw in draws])
    # Each fold is left out once; the last "fold" leaves nothing out, and gives the probe.
    masks = (folds[:, None] != torch.arange(FOLDS + 1, device=like.device)[:, None]).to(like)
    masks[~torch.from_numpy(validated)] = 1
    return masks, validated


def _fit_batch(
    features: Tensor, draws: Sequence[Draw], prior: tuple[Tensor, float] | None
) -> tuple[Probes, Probes]:
    """Fit probes to B draws of n studies each, without the prior and with it."""
    studies = torch.from_numpy(np.stack([draw.studies for draw in draws])).to(features.device)
    masks, validated = fold_masks(draws, features)
    positive = torch.from_numpy(np.stack([draw.positive for draw in draws])).to(features)
    rows = _Rows(*standardise(features, studies))
    gram = gram_matrix(rows.standardised)
    products = GramProducts(gram)
    plain, _ = _probes(draws, rows, gram, products, masks, validated, positive, None)
    if prior is None:
        return plain, plain
    scores, presumed = prior
    targets = torch.tensor([[draw.target] for draw in draws], device=features.device)
    known = scores[studies, targets]
    slopes = chosen_slopes(known, positive, masks, presumed)
    slopes = slopes.where(torch.from_numpy(validated).to(slopes.device), presumed)
    slopes = slopes.where((known != 0).any(1), 0)
    tried = slopes.nonzero()[:, 0]
    if not len(tried):
        return plain, plain
    if len(tried) < len(draws):
        gram = gram[tried]
        products.keep(torch.isin(torch.arange(len(draws), device=tried.device), tried))
    places = tried.cpu().numpy()
    own = (
        [draws[place] for place in places],
        _Rows(*(each[tried] for each in rows)),
        gram,
        products,
        masks[tried],
        validated[places],
        positive[tried],
        (slopes[:, None] * known)[tried],
    )
    begun, losses = _probes(*own)
    if presumed:
        alone, losses_alone = _probes(*own, STRENGTHS[:1])
        enough = gains_enough(losses_alone - losses).cpu().numpy()
        begun.put(np.flatnonzero(~enough), alone.of(np.flatnonzero(~enough)))
        better = np.arange(len(places))
    else:
        better = np.flatnonzero(begun.losses < plain.losses[places] * (1 - ROUNDING))
    begun = replace(begun, slopes=slopes[tried].double().cpu().numpy())
    chosen = plain.of(np.arange(len(draws)))
    chosen.put(places[better], begun.of(better))
    return plain, chosen


class _Rows(NamedTuple):
    """The features of B draws, standardised, with their means and deviations."""

    standardised: Tensor
    mean: Tensor
    deviation: Tensor


def _probes(
    draws: Sequence[Draw],
    rows: _Rows,
    gram: Tensor,
    products: GramProducts,
    masks: Tensor,
    validated: NDArray[np.bool_],
    positive: Tensor,
    offset: Tensor | None,
    strengths: Sequence[float] = STRENGTHS,
) -> tuple[Probes, Tensor]:
    """Fit probes to B draws of n studies each; also (B, n), each study's loss when held out."""
    fits = fit_logistic(copy.copy(products), positive, masks, strengths, offset)
    weights = (fits.dual[:, -1:] @ rows.standardised)[:, 0] / rows.deviation
    known = 0 if offset is None else offset
    held_out = 1 - masks
    linear = (held_out * (fits.dual @ gram)).sum(1) + known
    own = linear + (held_out * fits.intercept[..., None]).sum(1)
    probes = Probes(
        weights,
        fits.intercept[:, -1] - (weights * rows.mean).sum(1),
        fits.choice.cpu().numpy(),
        validated,
        fits.converged.cpu().numpy(),
        _thresholds(linear + fits.intercept[:, -1:], draws, validated),
        fits.loss.amin(1).cpu().numpy(),
        np.zeros(len(draws), np.int64),
        np.zeros(len(draws)),
    )
    return probes, softplus((1 - 2 * positive) * own).double()


def _thresholds(
    logits: Tensor, draws: Sequence[Draw], cross_validated: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Choose on logits (B, n) of the folds' own weights, with the intercept of the probe.

    `classifiers.platt.out_of_fold` says why. A calibrated probability rises with the logit, so the
    threshold on either calls the same studies positive.
    """
    return np.array(
        [
            astuple(choose_thresholds(each, draw.positive)) if validated else (np.nan, np.nan)
            for each, draw, validated in zip(
                logits.double().cpu().numpy(), draws, cross_validated, strict=True
            )
        ]
    )
