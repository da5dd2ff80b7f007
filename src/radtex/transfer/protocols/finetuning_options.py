"""The options of fine-tuning; nothing here waits for torch."""

import math
from dataclasses import dataclass
from typing import Annotated

from radtex.bounds import AtLeast
from radtex.errors import ProtocolError


@dataclass(frozen=True)
class FinetuningOptions:
    """What may be chosen, for all encoders of an experiment alike."""

    steps: Annotated[int, AtLeast(1)] = 200
    """Steps of 32 studies each. With early stopping, the most that there may be."""
    learning_rate: float = 1e-3
    """Peak learning rate of the head. Earlier stages of the network learn more slowly."""
    early_stopping: bool = False
    """Hold out a fifth of the labelled studies to choose the number of steps."""

    def check(self) -> None:
        """Raise `ProtocolError` for what cannot be."""
        if self.steps < 1:
            raise ProtocolError(f"{self.steps} steps of fine-tuning train nothing; ask for 1 up")
        if not 0 < self.learning_rate < math.inf:
            raise ProtocolError(
                f"the learning rate of fine-tuning is {self.learning_rate:g}; it must be above 0"
            )
