"""The linear protocol: a logistic probe on frozen features, its C chosen inside the draw.

With a prior (`label_prior`) the logit of a study is ``a · s + w · x + b``, where s is what is
believed of it without any label.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.transfer.measures.scores import Scores, score
from radtex.transfer.measures.without_labels import without_labels
from radtex.transfer.protocols.frozen import FrozenProtocol
from radtex.transfer.protocols.label_prior.label_prior import LabelPrior, PriorSource
from radtex.transfer.protocols.label_prior.slopes import SLOPES
from radtex.transfer.protocols.logistic import HOPELESS
from radtex.transfer.protocols.probes import (
    STRENGTHS,
    Probes,
    fit_probes,
    fit_probes_from_prior,
    of_best_layer,
)
from radtex.transfer.protocols.sentences import listed, lone_classes, shares
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.folds import FOLDS


@dataclass(frozen=True)
class Linear(FrozenProtocol[Probes]):
    """Logistic probes on frozen features."""

    name: ClassVar[str] = "linear"
    """Its name."""
    saves_probes: ClassVar[bool] = True
    """Its fits are probes."""
    chooses_layers: ClassVar[bool] = True
    """The layer of the least loss over the folds, as C."""
    prior: PriorSource | None = None
    """What contestants with a prior begin from."""

    def settings(self) -> dict[str, Any]:
        """Return how C is chosen, and a where there is a prior."""
        chosen = {"folds": FOLDS, "strengths": list(STRENGTHS), "abandoned_above": HOPELESS}
        if self.prior is None:
            return chosen
        slopes = {"slopes": list(SLOPES), "presumed_slope": self.prior.presumed}
        return chosen | {"prior": self.prior.settings() | slopes}

    def beginning_from(self, prior: PriorSource) -> "Linear":
        """Add priors to the logits; see `Protocol.beginning_from`."""
        return replace(self, prior=prior)

    def measure_features(
        self, experiment: Experiment, pool: Tensor, test: Tensor, name: str
    ) -> Scores:
        """Fit a probe to each draw; see `FrozenProtocol.measure_features`."""
        return self.measure_layers(experiment, [pool], [test], name)

    def measure_layers(
        self, experiment: Experiment, pool: Sequence[Tensor], test: Sequence[Tensor], name: str
    ) -> Scores:
        """Fit a probe to each draw on its layer; see `FrozenProtocol.measure_layers`."""
        fits = [
            fit_probes(features, experiment.draws, title)
            for features, title in zip(pool, _titles(name, len(pool)), strict=True)
        ]
        return _scores(experiment, of_best_layer(fits), torch.cat([*test], 1))

    def measure_prior(
        self,
        experiment: Experiment,
        pool: Sequence[Tensor],
        test: Sequence[Tensor],
        name: str,
        priors: Sequence[LabelPrior],
    ) -> tuple[Scores, Scores]:
        """Fit probes to each draw; see `FrozenProtocol.measure_prior`."""
        presumed = 0.0 if self.prior is None else self.prior.presumed
        fits = [
            fit_probes_from_prior(features, experiment.draws, title, prior.pool, presumed)
            for features, prior, title in zip(pool, priors, _titles(name, len(pool)), strict=True)
        ]
        tested, scores = torch.cat([*test], 1), torch.stack([prior.test for prior in priors])
        plain = _scores(experiment, of_best_layer([each for each, _ in fits]), tested)
        begun = _scores(experiment, of_best_layer([each for _, each in fits]), tested, scores)
        best = np.argmin([prior.losses for prior in priors], axis=0)
        alone = torch.stack([scores[layer, :, place] for place, layer in enumerate(best)], 1)
        facts = [priors[layer].facts[place] for place, layer in enumerate(best)]
        alone_scored = without_labels(experiment, alone, facts)
        return plain, replace(begun, without_labels=alone_scored)

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
        return sentences + _on_slopes(fits)

    def summary(self, fits: Mapping[str, Probes]) -> dict[str, Any]:
        """Return the share of probes that chose each value of C, by contestant."""
        chosen = {name: shares(each.choices, STRENGTHS) for name, each in fits.items()}
        of_slopes = {
            name: shares(np.searchsorted(SLOPES, each.slopes), SLOPES)
            for name, each in fits.items()
            if each.slopes.any()
        }
        return {"strengths": chosen} | ({"prior_slopes": of_slopes} if self.prior else {})


def _titles(name: str, layers: int) -> list[str]:
    return [f"probes on {name}" + (f", layer {n}" if n else "") for n in range(layers)]


def _scores(
    experiment: Experiment, probes: Probes, tested: Tensor, prior: Tensor | None = None
) -> Scores:
    """Score probes on features (m, D) of the test, with a prior (layers, m, T) where there is one.

    Where an offset is 0, no bit of a logit differs from that without a prior.
    """

    def logits(draws: NDArray[np.int64], studies: NDArray[np.int64]) -> Tensor:
        rows = tested if len(studies) == len(tested) else tested[studies]
        plain = rows @ probes.weights[draws].T + probes.intercepts[draws]
        if prior is None:
            return plain
        target = experiment.draws[draws[0]].target  # those of one target are asked together
        known = prior[torch.from_numpy(probes.layers[draws])][:, studies, target]
        return plain + known.T * torch.from_numpy(probes.slopes[draws]).to(plain)

    return score(experiment, logits, logits=True, fits=probes, thresholds=probes.thresholds)


def _on_slopes(fits: Mapping[str, Probes]) -> list[str]:
    begun = {name: each.slopes for name, each in fits.items() if each.slopes.any()}
    if not begun:
        return []
    return [
        "Share of probes by how much of the prior they keep (a): "
        + listed(
            f"{name} " + ", ".join(f"{a:g} {np.mean(slopes == a):.0%}" for a in SLOPES)
            for name, slopes in begun.items()
        )
    ]
