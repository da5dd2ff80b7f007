"""An encoder at another input size than its own."""

from dataclasses import replace

from radtex.compute.seeding import seeded
from radtex.errors import RunError
from radtex.models.encoder import Encoder, made_for
from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.models.encoders.vision_tower import VisionTower


def at_size(resolved: ResolvedEncoder, size: int) -> ResolvedEncoder:
    """Return the encoder for images of another size, which are resized as its maker does.

    A network that is made for one size, as transformers are, is built for the other, with its
    position embeddings resampled as timm does.

    Args:
        resolved: an encoder; not to be used afterwards.
        size: side of the input, in pixels.

    Raises:
        RunError: if its network takes one size alone, or `size` is too small for it.
        RecipeError: if its network cannot be built for `size`.
    """
    encoder = resolved.encoder
    if resolved.takes.size == size:
        return resolved
    if size < 2 * encoder.stride:
        raise RunError(
            f"{encoder.backbone} needs images of at least {2 * encoder.stride} px, and {size} px "
            "were asked for"
        )
    if isinstance(encoder, VisionTower):
        encoder.take_size(size)
    elif made_for(encoder.backbone) is None:
        encoder.input_size = size
    else:
        encoder = _resampled(resolved, encoder, size)
    return replace(
        resolved,
        encoder=encoder,
        takes=resolved.takes.at_size(size),
        description={**resolved.description, "input_size": size},
    )


def _resampled(resolved: ResolvedEncoder, before: Encoder, size: int) -> Encoder:
    with seeded(0):
        encoder = Encoder(before.backbone, size)
    try:
        before.network.set_input_size(img_size=(size, size))
        encoder.network.load_state_dict(before.network.state_dict())
    except (AttributeError, RuntimeError, ValueError, AssertionError) as error:
        raise RunError(
            f"{before.backbone} of {resolved.description['weights']} takes images of "
            f"{resolved.takes.size} px alone, and {size} px were asked for; leave out @{size}"
        ) from error
    return encoder.eval()
