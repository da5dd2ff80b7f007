"""The linear protocol: a logistic probe on frozen features, its C chosen inside the draw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import groupby
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.progress import progress_bar
from radtex.statistics.thresholds import choose_thresholds
from radtex.transfer.measures.scores import Scores, score
from radtex.transfer.protocols.frozen import FrozenProtocol
from radtex.transfer.protocols.gram import gram_matrix
from radtex.transfer.protocols.logistic import HOPELESS, LogisticFits, fit_logistic
from radtex.transfer.protocols.sentences import listed, lone_classes, shares
from radtex.transfer.protocols.standardise import standardise
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.experiment import Experiment
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


@dataclass(frozen=True)
class Linear(FrozenProtocol[Probes]):
    """Logistic probes on frozen features."""

    name: ClassVar[str] = "linear"
    """Its name."""
    saves_probes: ClassVar[bool] = True
    """Its fits are probes."""
    chooses_layers: ClassVar[bool] = True
    """The layer of the least loss over the folds, as C."""

    def settings(self) -> dict[str, Any]:
        """Return how C is chosen."""
        return {"folds": FOLDS, "strengths": list(STRENGTHS), "abandoned_above": HOPELESS}

    def measure_features(
        self, experiment: Experiment, pool: Tensor, test: Tensor, name: str
    ) -> Scores:
        """Fit a probe to each draw; see `FrozenProtocol.measure_features`."""
        return self.measure_layers(experiment, [pool], [test], name)

    def measure_layers(
        self, experiment: Experiment, pool: Sequence[Tensor], test: Sequence[Tensor], name: str
    ) -> Scores:
        """Fit a probe to each draw on its layer; see `FrozenProtocol.measure_layers`."""
        titles = [f"probes on {name}" + (f", layer {n}" if n else "") for n in range(len(pool))]
        fits = [
            fit_probes(features, experiment.draws, title)
            for features, title in zip(pool, titles, strict=True)
        ]
        probes = of_best_layer(fits)
        tested = torch.cat([*test], 1)

        def logits(draws: NDArray[np.int64], studies: NDArray[np.int64]) -> Tensor:
            return tested[studies] @ probes.weights[draws].T + probes.intercepts[draws]

        return score(experiment, logits, logits=True, fits=probes, thresholds=probes.thresholds)

    def flags(self, fits: Mapping[str, Probes], experiment: Experiment) -> list[str]:
        """Say where C lay at an end, could not be chosen, or a fit did not converge."""
        sentences = [
            "Share of probes whose C was the smallest or the largest tried: "
            + listed(
                f"{name} {np.mean(each.choices == 0):.0%} smallest, "
                f"{np.mean(each.choices == len(STRENGTHS) - 1):.0%} largest"
                for name, each in fits.items()
            )
        ]
        sentences += lone_classes(
            # The draws are the same for every encoder, and for each of its seeds.
            next(iter(fits.values())).cross_validated[: len(experiment.draws)],
            f"C could not be cross-validated and is {STRENGTHS[0]:g}",
        )
        unfinished = {name: int((~each.converged).sum()) for name, each in fits.items()}
        if any(unfinished.values()):
            sentences.append(
                "Probes whose fits did not reach their tolerance: "
                + listed(f"{name} {count}" for name, count in unfinished.items() if count)
            )
        return sentences

    def summary(self, fits: Mapping[str, Probes]) -> dict[str, Any]:
        """Return the share of probes that chose each value of C, by contestant."""
        return {"strengths": {name: shares(each.choices, STRENGTHS) for name, each in fits.items()}}


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
    )


def fit_probes(features: Tensor, draws: Sequence[Draw], title: str) -> Probes:
    """Fit a probe to each draw.

    C is the value with the least log-loss over all studies, each predicted from the other folds;
    of equals the smaller; none is tried beyond one whose loss is `logistic.HOPELESS`. The probe is
    the fit to the whole draw.

    Args:
        features: (studies, D), of the pool; they are standardised on the draw, and a constant one
            becomes 0.
        draws: the labelled studies.
        title: names the progress bar.
    """
    weights = features.new_empty(len(draws), features.shape[1])
    intercepts = features.new_empty(len(draws))
    choices = np.empty(len(draws), np.int64)
    cross_validated = np.empty(len(draws), np.bool_)
    converged = np.empty(len(draws), np.bool_)
    thresholds = np.empty((len(draws), 2))
    losses = np.empty(len(draws))
    with progress_bar(title, len(draws), "probes") as bar:
        for places in _batches(draws, features.device):
            fitted = _fit_batch(features, [draws[place] for place in places])
            weights[places] = fitted.weights
            intercepts[places] = fitted.intercepts
            choices[places] = fitted.choices
            cross_validated[places] = fitted.cross_validated
            converged[places] = fitted.converged
            thresholds[places] = fitted.thresholds
            losses[places] = fitted.losses
            bar.advance(len(places))
    layers = np.zeros(len(draws), np.int64)
    return Probes(
        weights, intercepts, choices, cross_validated, converged, thresholds, losses, layers
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


def _fit_batch(features: Tensor, draws: Sequence[Draw]) -> Probes:
    """Fit probes to B draws of n studies each."""
    device = features.device
    studies = torch.from_numpy(np.stack([draw.studies for draw in draws])).to(device)
    positive = torch.from_numpy(np.stack([draw.positive for draw in draws])).to(features)
    folds = torch.from_numpy(np.stack([draw.folds for draw in draws])).to(device)
    cross_validated = np.array([every_fold_trains(draw.positive, draw.folds) for draw in draws])
    # Each fold is left out once; the last "fold" leaves nothing out, and gives the probe.
    masks = (folds[:, None] != torch.arange(FOLDS + 1, device=device)[:, None]).to(features)
    masks[~torch.from_numpy(cross_validated)] = 1

    standardised, mean, deviation = standardise(features, studies)
    gram = gram_matrix(standardised)
    fits = fit_logistic(gram, positive, masks, STRENGTHS)
    weights = (fits.dual[:, -1:] @ standardised)[:, 0] / deviation
    return Probes(
        weights,
        fits.intercept[:, -1] - (weights * mean).sum(1),
        fits.choice.cpu().numpy(),
        cross_validated,
        fits.converged.cpu().numpy(),
        _thresholds(fits, gram, masks, draws, cross_validated),
        fits.loss.amin(1).cpu().numpy(),
        np.zeros(len(draws), np.int64),
    )


def _thresholds(
    fits: LogisticFits,
    gram: Tensor,
    masks: Tensor,
    draws: Sequence[Draw],
    cross_validated: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Choose on logits of the folds' own weights, with the intercept of the probe.

    `classifiers.platt.out_of_fold` says why. A calibrated probability rises with the logit, so the
    threshold on either calls the same studies positive.
    """
    linear = ((1 - masks) * (fits.dual @ gram)).sum(1)
    held_out = (linear + fits.intercept[:, -1:]).double().cpu().numpy()
    return np.array(
        [
            astuple(choose_thresholds(logits, draw.positive)) if validated else (np.nan, np.nan)
            for logits, draw, validated in zip(held_out, draws, cross_validated, strict=True)
        ]
    )
