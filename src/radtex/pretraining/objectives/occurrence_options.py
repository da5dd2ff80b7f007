"""How it is learnt which tokens a report holds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class OccurrenceOptions:
    """How token-classification and joint learn which tokens a report holds."""

    idf: bool = False
    """Weigh a token the more, the fewer training texts hold it (SuperClass)."""
    assertions: bool = False
    """Tell a token that is denied from the same token affirmed, by the rules of `label_report`."""
    occurrence_head: Literal["linear", "mlp"] = "linear"
    """What scores the tokens from the pooled grid; `mlp` has a hidden layer as wide as the
    decoder."""
