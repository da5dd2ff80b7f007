"""Length and layout of a training."""

from dataclasses import dataclass
from typing import Literal

from radtex.pretraining.loop.passes import Precision


@dataclass(frozen=True)
class TrainingOptions:
    """Length and layout of the training."""

    epochs: int = 10
    """passes over the training rows"""
    steps: int | None = None
    """number of steps, in place of `epochs`"""
    batch_size: int = 64
    """images per step"""
    images_per_study: Literal["all", "one"] = "all"
    """which images of a study an epoch shows: all, or one that it draws"""
    micro_batches: int = 1
    """parts of a step, a power of two; each is one forward pass and one batch-norm batch"""
    validate_every: int | None = None
    """steps between validations; an epoch by default"""
    checkpoint_every: int = 100
    """steps between checkpoints; a resumed run repeats at most so many"""
    probe_every: int | None = None
    """steps between linear probes on labels of `validate`; they are logged and select nothing"""
    probe_targets: tuple[str, ...] = ()
    """labels of the probe: a target set or names; all of the corpus if empty"""
    precision: Precision = "float32"
    """of the forward pass, by autocast; weights stay in float32; float16 scales the loss"""
    compile: bool = False
    """compile the forward pass of a micro-batch by `torch.compile`"""
    activation_checkpointing: bool = False
    """run the encoder's stages and the layers again in the backward pass, to save memory"""
    max_skipped: int = 10
    """steps in a row that may be skipped because they are not finite; one more ends the run"""
    channels_last: bool = True
    """memory layout of the encoder"""
