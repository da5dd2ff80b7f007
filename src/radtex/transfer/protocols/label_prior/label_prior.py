"""What a prior is: log odds of studies without any label, and where they come from."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radtex.errors import ProtocolError
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.studies import Selection


@dataclass(frozen=True)
class LabelPrior:
    """Log odds of T targets, up to a factor and a shift that labels may choose."""

    pool: Tensor
    """(n, T): of the studies of the pool; 0 for a target of which nothing is known."""
    test: Tensor
    """(m, T): of those of the test."""
    facts: tuple[dict[str, Any], ...]
    """Of each target what it was made of (JSON values); empty where nothing is known."""
    losses: NDArray[np.float64]
    """(T,): how badly it fits what it was made of; of layers the least is taken."""
    weights: Tensor | None = None
    """(T, D): where it is linear in the features, their weights."""
    intercepts: Tensor | None = None
    """(T,): then added to them."""


class PriorSource(ABC):
    """Where priors come from."""

    name: ClassVar[str]
    """On the command line, and behind the names of the contestants that have it."""
    keeps: ClassVar[bool]
    """Whether it is linear in the features, so that a saved classifier can hold it."""
    presumed: ClassVar[float]
    """How much of it a draw takes (a, of `slopes.SLOPES`) unless its labels tell otherwise."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return what fixes it, for the record (JSON values)."""

    @abstractmethod
    def refusal(self, contestant: Contestant) -> str | None:
        """Say why a contestant gets none; None where it gets one."""

    @abstractmethod
    def of(
        self,
        contestant: Contestant,
        experiment: Experiment,
        pool: tuple[Selection, Tensor],
        test: tuple[Selection, Tensor],
    ) -> LabelPrior:
        """Make the prior of a contestant.

        Args:
            contestant: at one layer.
            experiment: what is measured.
            pool: what its pool was gathered from, and the features (n, D) of its studies.
            test: the same of its test.
        """

    @abstractmethod
    def sentence(self, names: Sequence[str]) -> str:
        """Say in a sentence what the contestants of these names know beside the labels."""

    def twins(self, contestants: Sequence[Contestant]) -> list[Contestant]:
        """Set a contestant NAME+PRIOR behind each that gets one.

        Raises:
            ProtocolError: if none does.
        """
        found: list[Contestant] = []
        for contestant in contestants:
            found.append(contestant)
            if self.refusal(contestant) is None:
                found.append(contestant.with_prior(self.name))
        if len(found) == len(contestants):
            reasons = "; ".join(f"{each.name} {self.refusal(each)}" for each in contestants)
            raise ProtocolError(f"--prior {self.name} suits no encoder: {reasons}")
        return found
