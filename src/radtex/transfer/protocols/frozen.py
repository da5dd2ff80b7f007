"""Protocols that leave an encoder as it is, and work on its features."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from radtex.compute.devices import compute_device
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.measures.scores import Scores
from radtex.transfer.protocols.protocol import Fits, Protocol, Taking
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.studies import Selection


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
        """Measure one contestant after another; see `Protocol.measure`."""
        del record, folder
        device = compute_device()
        for contestant in contestants:
            of_pool, of_test = (
                [
                    _features(layer, selection, device)
                    for layer in contestant.offered or (contestant,)
                ]
                for selection in (pool, test)
            )
            scores = self.measure_layers(
                experiment,
                [experiment.pool.average(each) for each in of_pool],
                [experiment.test.average(each) for each in of_test],
                contestant.name,
            )
            if keeper is not None and self.saves_probes and contestant.role != "floor":
                keeper.take(
                    contestant,
                    experiment,
                    scores.fits,
                    of_pool[0],
                    of_test[0],
                    pool[0].preprocessing,
                )
            yield scores


def _features(contestant: Contestant, selection: Selection, device: torch.device) -> Tensor:
    contestant.encoder.to(device)
    corpus, rows = selection
    return pooled_features(contestant, corpus.images, rows).to(device)
