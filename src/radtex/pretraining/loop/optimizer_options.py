"""How weights move."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class OptimizerOptions:
    """How weights move."""

    optimizer: Literal["adamw", "sgd"] = "adamw"
    """The optimizer. `sgd` is SGD with momentum 0.9 inside Lookahead (k 5, α 0.5), as in VirTex."""
    learning_rate: float = 5e-4
    """Peak learning rate of all weights but the encoder's."""
    encoder_learning_rate: float = 5e-4
    """Peak learning rate of the encoder."""
    weight_decay: float = 0.01
    """Weight decay of all weights but norms, biases and embeddings."""
    warmup_steps: int = 200
    """Steps of linear warm-up, at most a tenth of all; then a cosine to zero."""
    clip: float = 10.0
    """Largest norm of the gradient over all weights."""
    fused: bool = True
    """Update the weights in one kernel, where torch has it for the device."""
