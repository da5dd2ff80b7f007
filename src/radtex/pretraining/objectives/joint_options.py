"""What the joint objective learns beside writing reports."""

from dataclasses import dataclass
from typing import Annotated

from radtex.bounds import AtLeast


@dataclass(frozen=True)
class JointOptions:
    """What the joint objective learns beside writing from left to right and back."""

    occurrence_weight: Annotated[float, AtLeast(0)] = 1.0
    """Weight λ of the loss over the tokens that occur; 0 leaves it out."""
    parallel_share: Annotated[float, AtLeast(0)] = 0.0
    """Share of the samples whose tokens are all guessed at once, from the image alone (CapPa)."""
    labels_weight: Annotated[float, AtLeast(0)] = 0.0
    """Weight of a head for the labels of `label_source`; 0 leaves it out. With it the run is a
    rival of RadTex."""
