"""Protocols that leave an encoder as it is, and work on its features."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.compute.devices import compute_device
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.measures.scores import Scores
from radtex.transfer.protocols.label_prior.label_prior import LabelPrior
from radtex.transfer.protocols.protocol import Fits, Protocol, Taking
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.studies import Selection

SHOWN = 40
"""Films of the pool that a keeper is shown."""


class FrozenProtocol(Protocol[Fits]):
    """A few-label protocol on frozen features."""

    @abstractmethod
    def measure_features(
        self, experiment: Experiment, pool: Tensor, test: Tensor, name: str
    ) -> Scores:
        """Learn from the features of each draw, and score it once on the test.

        Args:
            experiment: what is measured.
            pool: features (n, D) of the studies of the pool.
            test: features (m, D) of the studies of the test.
            name: the encoder's, for the progress bar.
        """

    def measure_layers(
        self, experiment: Experiment, pool: Sequence[Tensor], test: Sequence[Tensor], name: str
    ) -> Scores:
        """Do as `measure_features`, with the features of the layer that each draw chooses.

        A protocol that can choose says so by `chooses_layers`.

        Args:
            experiment: what is measured.
            pool: by layer, features (n, D) of the studies of the pool.
            test: by layer, features (m, D) of the studies of the test.
            name: the encoder's, for the progress bar.
        """
        (of_pool,), (of_test,) = pool, test
        return self.measure_features(experiment, of_pool, of_test, name)

    def measure_prior(
        self,
        experiment: Experiment,
        pool: Sequence[Tensor],
        test: Sequence[Tensor],
        name: str,
        priors: Sequence[LabelPrior],
    ) -> tuple[Scores, Scores]:
        """Do as `measure_layers`, without a prior and with that of each layer.

        A protocol that can takes priors by `beginning_from`.

        Args:
            experiment: what is measured.
            pool: by layer, features (n, D) of the studies of the pool.
            test: by layer, features (m, D) of the studies of the test.
            name: the encoder's, for the progress bar.
            priors: by layer.

        Returns:
            Both scores.
        """
        raise NotImplementedError(f"the protocol {self.name} takes no priors")

    def measure(
        self,
        contestants: Sequence[Contestant],
        experiment: Experiment,
        pool: Selection,
        test: Selection,
        *,
        record: Mapping[str, Any],
        folder: Path | None = None,
        keeper: Taking[Fits] | None = None,
    ) -> Iterator[Scores]:
        """Measure one contestant after another; see `Protocol.measure`.

        One with a prior is measured together with the same encoder without it.
        """
        del record, folder
        device = compute_device()
        twins = {each.encoder: each for each in contestants if each.prior is not None}
        of_twins: dict[nn.Module, Scores] = {}
        for contestant in contestants:
            if contestant.prior is not None:
                yield of_twins.pop(contestant.encoder)
                continue
            layers, twin = contestant.offered or (contestant,), twins.get(contestant.encoder)
            of_pool, of_test = (
                [_features(layer, selection, device) for layer in layers]
                for selection in (pool, test)
            )
            in_pool = [experiment.pool.average(each) for each in of_pool]
            in_test = [experiment.test.average(each) for each in of_test]
            priors: list[LabelPrior] = []
            if twin is None or self.prior is None:
                scores = self.measure_layers(experiment, in_pool, in_test, contestant.name)
            else:
                priors = [
                    self.prior.of(layer, experiment, (pool, ours), (test, theirs))
                    for layer, ours, theirs in zip(layers, in_pool, in_test, strict=True)
                ]
                scores, of_twins[contestant.encoder] = self.measure_prior(
                    experiment, in_pool, in_test, contestant.name, priors
                )
            if keeper is not None and self.saves_probes and contestant.role != "floor":
                taken: list[tuple[Contestant, Fits, LabelPrior | None]]
                taken = [(contestant, scores.fits, None)]
                if twin is not None and priors:
                    taken.append((twin, of_twins[contestant.encoder].fits, priors[0]))
                for each, fits, prior in taken:
                    keeper.take(
                        each,
                        experiment,
                        fits,
                        of_pool[0],
                        of_test[0],
                        pool[0].preprocessing,
                        _some_films(pool),
                        prior,
                    )
            yield scores


def _some_films(selection: Selection) -> NDArray[np.uint8]:
    """At most SHOWN films, evenly spaced among the rows."""
    corpus, rows = selection
    places = np.linspace(0, len(rows) - 1, min(SHOWN, len(rows))).astype(np.int64)
    return np.asarray(corpus.images[rows[places]])


def _features(contestant: Contestant, selection: Selection, device: torch.device) -> Tensor:
    contestant.encoder.to(device)
    corpus, rows = selection
    return pooled_features(contestant, corpus.images, rows).to(device)
