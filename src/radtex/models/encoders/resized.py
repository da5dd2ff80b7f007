"""An encoder at another input size than its own."""

from dataclasses import replace

import timm

from radtex.errors import RunError
from radtex.models.encoders.resolved import ResolvedEncoder


def at_size(resolved: ResolvedEncoder, size: int) -> ResolvedEncoder:
    """Return the encoder for images of another size, which are resized as its maker does.

    Args:
        resolved: an encoder whose network takes any size, as convolutional ones do.
        size: side of the input, in pixels.

    Raises:
        RunError: if its network takes one size alone, or `size` is too small for it.
    """
    encoder = resolved.encoder
    if resolved.takes.size == size:
        return resolved
    config = timm.get_pretrained_cfg(encoder.backbone)
    if config is not None and config.fixed_input_size:
        raise RunError(
            f"{encoder.backbone} of {resolved.description['weights']} takes images of "
            f"{resolved.takes.size} px alone, and {size} px were asked for; leave out @{size}"
        )
    if size < 2 * encoder.stride:
        raise RunError(
            f"{encoder.backbone} needs images of at least {2 * encoder.stride} px, and {size} px "
            "were asked for"
        )
    encoder.input_size = size
    return replace(
        resolved,
        takes=replace(resolved.takes, size=size),
        description={**resolved.description, "input_size": size},
    )
