"""An encoder up to one of its layers."""

from torch import Tensor, nn

from radtex.errors import RunError
from radtex.models.encoder import Encoder


class EncoderLayer(nn.Module):
    """An encoder that gives the grid of a layer in place of its last.

    Layers are counted as timm's `out_indices` does: the entries of the network's `feature_info`,
    from 0. Of a convolutional network they are the last grids before each halving of the side, of a
    transformer its blocks.
    """

    encoder: Encoder
    """The whole encoder."""
    layer: int
    """The place of the layer."""

    def __init__(self, encoder: Encoder, layer: int) -> None:
        """Wrap an encoder.

        Args:
            encoder: is not copied.
            layer: the place of the layer, from 0.

        Raises:
            RunError: if the network does not have it, or gives none but its last.
        """
        super().__init__()
        if not hasattr(encoder.network, "forward_intermediates"):
            raise RunError(f"{encoder.backbone} gives its last layer alone; leave out the layer")
        count = len(encoder.network.feature_info)
        if layer >= count:
            raise RunError(
                f"{encoder.backbone} has the layers 0 to {count - 1}, and layer {layer} was asked "
                "for"
            )
        self.encoder, self.layer = encoder, layer

    @property
    def backbone(self) -> str:
        """The timm name of the network."""
        return self.encoder.backbone

    def forward(self, images: Tensor) -> Tensor:
        """Encode normalised images: float (B, 1, S, S) → (B, C, h, w)."""
        (grid,) = self.encoder.network.forward_intermediates(
            images, indices=[self.layer], stop_early=True, intermediates_only=True
        )
        features: Tensor = grid
        return features

    def extra_repr(self) -> str:
        """Tell the layer, which tells two wraps of one encoder apart."""
        return f"layer={self.layer}"
