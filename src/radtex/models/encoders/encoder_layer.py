"""An encoder up to one of its layers."""

from typing import Literal

from torch import Tensor, nn

from radtex.errors import RunError
from radtex.models.encoder import Encoder
from radtex.models.encoders.vision_tower import VisionTower

POOLED: Literal["pooled"] = "pooled"
Layer = int | Literal["pooled"]
"""A place from 0, or what a vision tower of transformers pools by itself."""


class EncoderLayer(nn.Module):
    """An encoder that gives the grid of a layer in place of its last.

    Layers are counted as timm's `out_indices` does: the entries of the network's `feature_info`,
    from 0. Of a convolutional network they are the last grids before each halving of the side, of a
    transformer its blocks; of a vision tower of transformers they are its hidden states behind the
    first. `pooled` is such a tower's own pooled output, as a grid of one cell.
    """

    encoder: Encoder | VisionTower
    """The whole encoder."""
    layer: Layer
    """The place of the layer."""

    def __init__(self, encoder: Encoder | VisionTower, layer: Layer) -> None:
        """Wrap an encoder.

        Args:
            encoder: is not copied.
            layer: the place of the layer, from 0, or `pooled`.

        Raises:
            RunError: if the network does not have it, or gives none but its last.
        """
        super().__init__()
        if layer == POOLED:
            if not (isinstance(encoder, VisionTower) and encoder.pools):
                raise RunError(
                    f"{encoder.backbone} has no pooled output of its own; leave out the layer "
                    f"{POOLED}"
                )
            self.encoder, self.layer = encoder, layer
            return
        if isinstance(encoder, VisionTower):
            count = encoder.layers
        elif hasattr(encoder.network, "forward_intermediates"):
            count = len(encoder.network.feature_info)
        else:
            raise RunError(f"{encoder.backbone} gives its last layer alone; leave out the layer")
        if int(layer) >= count:
            raise RunError(
                f"{encoder.backbone} has the layers 0 to {count - 1}, and layer {layer} was asked "
                "for"
            )
        self.encoder, self.layer = encoder, layer

    @property
    def backbone(self) -> str:
        """The name of the network."""
        return self.encoder.backbone

    def forward(self, images: Tensor) -> Tensor:
        """Encode normalised images: float (B, 1, S, S) → (B, C, h, w)."""
        if isinstance(self.encoder, VisionTower):
            if self.layer == POOLED:
                return self.encoder.pooled(images)
            return self.encoder.layer_grid(images, int(self.layer))
        (grid,) = self.encoder.network.forward_intermediates(
            images, indices=[self.layer], stop_early=True, intermediates_only=True
        )
        features: Tensor = grid
        return features

    def extra_repr(self) -> str:
        """Tell the layer, which tells two wraps of one encoder apart."""
        return f"layer={self.layer}"
