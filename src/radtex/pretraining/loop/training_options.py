"""Length and layout of a training."""

from dataclasses import dataclass
from typing import Annotated, Literal

from radtex.bounds import AtLeast

Precision = Literal["float32", "bfloat16", "float16"]
KeptWeights = Literal["last", "lowest-validation-loss"]


@dataclass(frozen=True)
class TrainingOptions:
    """Length and layout of the training."""

    epochs: Annotated[int, AtLeast(1)] = 10
    """Passes over the training rows."""
    steps: Annotated[int | None, AtLeast(1)] = None
    """Number of steps, in place of `epochs`."""
    batch_size: Annotated[int, AtLeast(1)] = 64
    """Images per step."""
    images_per_study: Literal["all", "one"] = "all"
    """Which images of a study an epoch shows: all, or one that it draws."""
    micro_batches: int | None = None
    """Parts of a step, a power of two; each is one forward pass and one batch-norm batch. Without
    it, one for each process of `torchrun`; a run keeps the number that it was begun with."""
    kept_weights: KeptWeights = "lowest-validation-loss"
    """Weights that the run keeps: those of its last step, or of its lowest validation loss."""
    validate_every: Annotated[int | None, AtLeast(1)] = None
    """Steps between validations. Without it, an epoch."""
    checkpoint_every: Annotated[int, AtLeast(1)] = 100
    """Steps between checkpoints; a resumed run repeats at most so many."""
    probe_every: Annotated[int | None, AtLeast(1)] = None
    """Steps between linear probes on labels of `validate`; they are logged and select nothing."""
    probe_targets: tuple[str, ...] = ()
    """Labels of the probe: a target set or names. Without them, all labels of the corpus."""
    precision: Precision = "float32"
    """Precision of the forward pass, by autocast. Weights are float32; float16 scales the loss."""
    compile: bool = False
    """Compile the forward pass of a micro-batch by `torch.compile`."""
    activation_checkpointing: bool = False
    """Run the encoder's stages and the layers again in the backward pass, to save memory."""
    max_skipped: Annotated[int, AtLeast(0)] = 10
    """Steps in a row that may be skipped because they are not finite; one more ends the run."""
    channels_last: bool = True
    """Keep the encoder's weights in channels-last memory layout."""
