"""What a few-label protocol is: a way to put an encoder to use with few labels."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar
from typing import Protocol as Structural

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radtex.errors import ProtocolError
from radtex.images.preprocessing import Preprocessing
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.entry_syntax import LAST
from radtex.transfer.measures.scores import Scores
from radtex.transfer.protocols.label_prior.label_prior import LabelPrior, PriorSource
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.studies import Selection

Fits = TypeVar("Fits")
"""How each draw was fitted: a dataclass of arrays or tensors whose first axis is the draws."""
_Taken = TypeVar("_Taken", contravariant=True)


class Taking(Structural[_Taken]):
    """Who is shown what a contestant came to, while its features are there."""

    def refuse(self, contestants: Sequence[Contestant]) -> None:
        """Raise `ProtocolError` for contestants that cannot be taken, before any is measured."""

    def take(
        self,
        contestant: Contestant,
        experiment: Experiment,
        fits: _Taken,
        pool: Tensor,
        test: Tensor,
        preprocessing: Preprocessing,
        films: NDArray[np.uint8],
        prior: LabelPrior | None = None,
    ) -> None:
        """Take one contestant.

        Args:
            contestant: who was measured.
            experiment: what it was measured in.
            fits: one per draw of the experiment.
            pool: features (n, D) of the images of the experiment's pool.
            test: features (m, D) of those of its test.
            preprocessing: how the pool's images were made.
            films: some of the pool's images, uint8 (k, S, S).
            prior: from which its fits began; None where there was none.
        """


class Protocol(ABC, Generic[Fits]):
    """One few-label protocol with its options.

    To add one, write a subclass in a module of this folder (of `FrozenProtocol` where it works on
    frozen features) and name it in `registry.PROTOCOLS`.
    """

    name: ClassVar[str]
    """Its name on the command line and in the results."""
    saves_probes: ClassVar[bool] = False
    """Whether its fits are linear probes, which can be kept as a classifier."""
    chooses_layers: ClassVar[bool] = False
    """Whether it can choose among several layers of an encoder inside each draw."""
    trains_encoders: ClassVar[bool] = False
    """Whether it trains the whole encoder, which then must have weights and all its layers."""
    prior: PriorSource | None = None
    """What contestants with a prior begin from; None where none has one."""
    resumes: ClassVar[bool] = False
    """Whether it keeps what is finished in a folder, so that it can go on after an interruption."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return what it fixes beside the draws, for the record (JSON values)."""

    @abstractmethod
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
        """Put each contestant to use on each draw, and score it once on the test.

        Args:
            contestants: encoders, none with members.
            experiment: what is measured.
            pool: the corpus and rows that the experiment's pool was gathered from.
            test: the same of its test.
            record: what defines the experiment (JSON values).
            folder: where a protocol that resumes keeps what is finished; nowhere if None.
            keeper: is shown each contestant by a protocol that saves probes.

        Yields:
            The scores of each contestant, in the order given.

        Raises:
            ProtocolError: if features or losses are not finite, or `folder` belongs to another
                experiment.
        """

    def check(self) -> None:
        """Raise `ProtocolError` for options that cannot be."""

    def refuse(self, contestants: Sequence[Contestant]) -> None:
        """Raise `ProtocolError` for contestants that it cannot measure, before any is measured."""
        for part in (part for contestant in contestants for part in contestant.parts):
            if part.offered and not self.chooses_layers:
                raise ProtocolError(
                    f"the protocol {self.name} chooses no layer, and {part.name} offers "
                    f"{len(part.offered)}; name one layer, or the protocol linear or knn"
                )
            if self.trains_encoders and part.role == "floor":
                raise ProtocolError(
                    f"{part.name} has no weights for the protocol {self.name} to train; leave it "
                    "out"
                )
            if self.trains_encoders and part.description.get("layers", [LAST]) != [LAST]:
                raise ProtocolError(
                    f"the protocol {self.name} trains the whole encoder; leave out the layer of "
                    f"{part.name}"
                )

    def beginning_from(self, prior: PriorSource) -> "Protocol[Fits]":
        """Return it with a source of priors.

        Raises:
            ProtocolError: if it takes none.
        """
        raise ProtocolError(
            f"the protocol {self.name} begins from no prior; leave out --prior {prior.name}, or "
            "name the protocol linear"
        )

    def arguments(self) -> dict[str, Any]:
        """Return the options of the command line that were chosen otherwise than by default."""
        return {}

    def flags(self, fits: Mapping[str, Fits], experiment: Experiment) -> list[str]:
        """Say in sentences what a reader must know of the fits, by the contestants' names."""
        del fits, experiment
        return []

    def summary(self, fits: Mapping[str, Fits]) -> dict[str, Any]:
        """Return what it adds to `summary.json` (JSON values) of the fits, by contestant."""
        del fits
        return {}
