"""Any timm network behind one small contract: a one-channel image in, a grid of features out."""

import difflib
import math
from typing import Any

import torch
from torch import Tensor, nn

from radtex.errors import RecipeError


class Encoder(nn.Module):
    """A timm backbone without its classifier."""

    network: Any
    """The timm network."""
    backbone: str
    """Its timm name."""
    input_size: int
    """Side S of the square images, in pixels."""
    width: int
    """Channels C of the feature grid."""
    stride: int
    """Pixels per cell of the grid."""

    def __init__(self, backbone: str, input_size: int) -> None:
        """Build the network with random weights.

        Args:
            backbone: its timm name.
            input_size: side S of the square images, in pixels.

        Raises:
            RecipeError: if timm does not know `backbone`, or it cannot take `input_size`.
        """
        import timm  # takes seconds, which commands that build no network do not wait for

        super().__init__()
        if not timm.is_model(backbone):
            near = difflib.get_close_matches(backbone, timm.list_models(), n=3)
            raise RecipeError(
                f"unknown backbone {backbone!r}; expected a timm model name"
                + (f", such as {', '.join(near)}" if near else "")
            )
        try:
            self.network = backbone_network(backbone, input_size, pretrained=False)
        except (AssertionError, ValueError) as error:
            raise RecipeError(_cannot_take(backbone, input_size, error)) from error
        self.backbone = backbone
        self.input_size = input_size
        self.width = int(self.network.num_features)
        self.stride = int(self.network.feature_info[-1]["reduction"])
        if input_size < 2 * self.stride:
            raise RecipeError(
                f"{backbone} needs images of at least {2 * self.stride} px, found {input_size} px"
            )
        # On torch's `meta` device the numbers of some networks cannot be told.
        on_meta = next(self.parameters()).is_meta
        if made_for(backbone) not in (None, input_size) and not on_meta:
            self._try_size()

    def _try_size(self) -> None:
        """Encode one image: networks for one size tell only then what others they can take."""
        size, training = self.input_size, self.network.training
        self.network.eval()
        try:
            with torch.no_grad():
                self(torch.zeros(1, 1, size, size))
        except (AssertionError, RuntimeError, ValueError) as error:
            raise RecipeError(_cannot_take(self.backbone, size, error)) from error
        self.network.train(training)

    def forward(self, images: Tensor) -> Tensor:
        """Encode normalised images: float (B, 1, S, S) → (B, C, h, w)."""
        features: Tensor = self.network.forward_features(images)
        if features.ndim == 3:
            patches = features[:, getattr(self.network, "num_prefix_tokens", 0) :]
            side = math.isqrt(patches.shape[1])
            return patches.transpose(1, 2).reshape(len(patches), -1, side, side)
        if getattr(self.network, "output_fmt", "NCHW") == "NHWC":
            return features.permute(0, 3, 1, 2)
        return features


def backbone_network(backbone: str, input_size: int, pretrained: bool) -> Any:
    """Build the timm network behind an encoder, for one channel and without a classifier."""
    import timm

    size: dict[str, Any] = {} if made_for(backbone) is None else {"img_size": input_size}
    return timm.create_model(
        backbone, pretrained=pretrained, in_chans=1, num_classes=0, global_pool="", **size
    )


def made_for(backbone: str) -> int | None:
    """Return the one size that a timm network is made for, in pixels; None if it takes any."""
    import timm

    config = timm.get_pretrained_cfg(backbone)
    return int(config.input_size[-1]) if config is not None and config.fixed_input_size else None


def _cannot_take(backbone: str, size: int, error: Exception) -> str:
    said = " ".join(str(error).split())[:120]
    own = made_for(backbone)
    return f"{backbone} cannot take images of {size} px ({said})" + (
        f"; it is made for {own} px" if own is not None else ""
    )


def pool(grid: Tensor) -> Tensor:
    """Average a feature grid over its cells: (B, C, h, w) → (B, C)."""
    return grid.mean(dim=(2, 3))
