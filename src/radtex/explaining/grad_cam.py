"""Grad-CAM: which cells of an image raise the score of a linear head on pooled features."""

from typing import Any

import torch
from torch import Tensor

from radtex.errors import RecipeError
from radtex.models.encoder import Encoder, pool

FEWEST_CELLS = 4
"""A side of a map that can say more than which quarter of a film."""


def grad_cam(
    encoder: Encoder, images: Tensor, weights: Tensor, stride: int | None = None
) -> Tensor:
    """Map what speaks for a finding (Selvaraju et al., 2017, section 3).

    The score is `pool(encoder(images)) @ weights`. Its gradient is averaged over each channel of a
    layer; the map is the sum of the channels times these averages, and 0 where that is negative.
    On the encoder's last grid this is the class activation map of Zhou et al. (2016).

    Args:
        encoder: in eval mode; its parameters are left without gradients.
        images: normalised, (B, 1, S, S).
        weights: (C,), of the features as the encoder pools them; those of a head on standardised
            features are to be divided by their deviations.
        stride: pixels per cell of the layer that is looked at. By default that of the last grid;
            an earlier one is finer, and knows less of what it sees.

    Returns:
        (B, h, w), 0 or more, in units of the score per cell.

    Raises:
        RecipeError: if the encoder has no layer of that `stride`, or is no network of convolutions.
    """
    layer, grid = kept_layer(encoder, images.detach().requires_grad_(), stride)
    return cam((pool(grid) @ weights).sum(), layer)


def cam(score: Tensor, layer: Tensor) -> Tensor:
    """The map (B, h, w) of a `layer` (B, C, h, w) of B images whose scores sum to `score`."""
    (gradient,) = torch.autograd.grad(score, layer)
    return (layer * gradient.mean(dim=(2, 3), keepdim=True)).sum(dim=1).relu().detach()


def kept_layer(encoder: Encoder, images: Tensor, stride: int | None) -> tuple[Tensor, Tensor]:
    """Encode `images`: the layer of that `stride` and the last grid, which it is by default."""
    kept: list[Tensor] = []

    def keep(_module: Any, _inputs: Any, output: Tensor) -> None:
        kept.append(output)

    if stride is None:
        grid: Tensor = encoder(images)
        return grid, grid
    hook = _layer(encoder, stride).register_forward_hook(keep)
    try:
        grid = encoder(images)
    finally:
        hook.remove()
    return kept[0], grid


def default_stride(encoder: Encoder) -> int | None:
    """The stride to look at: None, the last grid, if that has FEWEST_CELLS a side.

    Else that of the last layer which has as many, if there is one.
    """
    if encoder.input_size // encoder.stride >= FEWEST_CELLS or _is_patched(encoder):
        return None
    strides = [int(info["reduction"]) for info in encoder.network.feature_info]
    fine = [stride for stride in strides if encoder.input_size // stride >= FEWEST_CELLS]
    return max(fine, default=None)


def _is_patched(encoder: Encoder) -> bool:
    return hasattr(encoder.network, "patch_embed")


def _layer(encoder: Encoder, stride: int) -> torch.nn.Module:
    """The last layer whose output has `stride` pixels per cell."""
    network = encoder.network
    if _is_patched(encoder):
        raise RecipeError(
            f"the earlier layers of {encoder.backbone} are no grids; leave out the stride"
        )
    layers = {info["reduction"]: info["module"] for info in network.feature_info}
    if stride not in layers:
        raise RecipeError(
            f"{encoder.backbone} has no layer of {stride} pixels per cell; its layers have "
            f"{', '.join(map(str, layers))}"
        )
    found: torch.nn.Module = network.get_submodule(layers[stride])
    return found
