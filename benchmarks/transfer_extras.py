"""Time the linear few-label protocol with a prior and with a choice of layers, against without.

Encoders, targets, budgets, draws and features are those of `transfer.py`. With a prior each encoder
has a twin that begins from it, as `--prior reports` makes one: the prior's heads are fitted to
labels of 2,000 studies, a twentieth of which is wrong, and both twins are measured. Two layers are
offered, 320 and 1,280 features wide, or three with one of 112, as `ENCODER@@3,4,last` offers those
of EfficientNet-Lite0. Intervals and p values are part of each time; features are given. The times
are of the processor, on one thread. The last line is one JSON object.
"""

import json
import statistics
import time
from collections.abc import Sequence
from typing import Any

import cyclopts
import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

from radtex.models.encoder_input import EncoderInput
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.design import Design
from radtex.transfer.evidence.flags import flags
from radtex.transfer.measures.scores import Scores
from radtex.transfer.protocols.label_prior.label_prior import LabelPrior, PriorSource
from radtex.transfer.protocols.label_prior.mined_head import fit_mined_heads
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.results import conclude
from radtex.transfer.sampling.experiment import Experiment, draw_experiment
from radtex.transfer.sampling.studies import Selection
from transfer import BUDGETS, RECORD, ROLES, TARGETS, synthetic

LAYERS = (112, 320, 1280)
WRONG = 0.05
"""Share of the prior's labels."""
WAYS = {
    "plain": (False, 1),
    "prior": (True, 1),
    "two_layers": (False, 2),
    "three_layers": (False, 3),
    "prior_and_two_layers": (True, 2),
}
"""Whether there is a prior, and how many layers, the last ones."""


class Heads(PriorSource):
    """Heads of mined labels, as those of `ReportsHead`, on features that are given."""

    name = "reports"
    keeps = True
    presumed = 1.0

    def settings(self) -> dict[str, Any]:
        """Say what it is."""
        return {"name": self.name}

    def refusal(self, contestant: Contestant) -> str | None:
        """Give one to each."""
        del contestant
        return None

    def of(
        self,
        contestant: Contestant,
        experiment: Experiment,
        pool: tuple[Selection, Tensor],
        test: tuple[Selection, Tensor],
    ) -> LabelPrior:
        """Features are given; see `learnt`."""
        raise NotImplementedError

    def sentence(self, names: Sequence[str]) -> str:
        """Name them."""
        return ", ".join(names)

    def learnt(self, experiment: Experiment, pool: Tensor, test: Tensor) -> LabelPrior:
        """Learn from noisy labels of the test: what it is good for is not looked at."""
        rng = np.random.default_rng(1)
        true = experiment.test.labels
        labels = np.where(rng.random(true.shape) < WRONG, 1 - true, true)
        heads = fit_mined_heads(test, labels, experiment.test.patients, TARGETS, 0)
        weights = torch.stack([head.weights for head in heads])
        losses = np.array([head.loss for head in heads])
        facts = tuple(head.facts for head in heads)
        return LabelPrior(pool @ weights.T, test @ weights.T, facts, losses, weights)


def main(repeats: int = 4, rounds: int = 3) -> None:
    """Run the comparison.

    Args:
        repeats: Draws of each target and budget; fewer shorten it.
        rounds: Rounds of all five ways, in turn.
    """
    torch.set_num_threads(1)
    threadpool_limits(1)
    pool, test, features = synthetic(np.random.default_rng(0))
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, (with_prior, layers) in WAYS.items():
            start = time.process_time()
            experiment = draw_experiment(pool, test, Design(TARGETS, BUDGETS, repeats))
            _measure(experiment, features, with_prior, LAYERS[-layers:])
            seconds[way].append(time.process_time() - start)
        print(", ".join(f"{way} {times[-1]:.1f} s" for way, times in seconds.items()), flush=True)
    medians = {way: statistics.median(times) for way, times in seconds.items()}
    plain = medians.pop("plain")
    print(
        json.dumps(
            {
                "name": "transfer_extras",
                "baseline": round(plain, 1),
                "unit": "s",
                **{f"times_{way}": round(each / plain, 2) for way, each in medians.items()},
                "cells": len(ROLES) * len(experiment.draws),
            }
        )
    )


def _measure(
    experiment: Experiment,
    features: dict[str, tuple[Tensor, Tensor]],
    with_prior: bool,
    widths: Sequence[int],
) -> None:
    takes, heads = EncoderInput(128, 0.0, 1.0), Heads()
    plain = [Contestant(role, role, torch.nn.Identity(), takes, {}) for role in ROLES]
    contestants = heads.twins(plain) if with_prior else plain
    protocol = Linear().beginning_from(heads) if with_prior else Linear()
    scores: dict[str, Scores] = {}
    for contestant in plain:
        in_pool, in_test = (
            [part[:, :width] for width in widths] for part in features[contestant.role]
        )
        if with_prior:
            priors = [
                heads.learnt(experiment, *both) for both in zip(in_pool, in_test, strict=True)
            ]
            twin = contestant.with_prior(heads.name)
            scores[contestant.name], scores[twin.name] = protocol.measure_prior(
                experiment, in_pool, in_test, contestant.name, priors
            )
        else:
            scores[contestant.name] = protocol.measure_layers(
                experiment, in_pool, in_test, contestant.name
            )
    said = flags(protocol, contestants, experiment, scores, RECORD)
    conclude(protocol, contestants, experiment, scores, RECORD, said)


if __name__ == "__main__":
    cyclopts.run(main)
