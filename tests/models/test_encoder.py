"""The encoder: a grid of features from any kind of timm network."""

import pytest
import torch

from radtex.errors import RecipeError
from radtex.models.encoder import Encoder, pool


@pytest.mark.parametrize(
    "backbone",
    [
        "resnet10t",
        "tf_efficientnet_lite0",
        "convnext_atto",
        "vit_tiny_patch16_224",
        "swin_tiny_patch4_window7_224",
    ],
)
def test_every_kind_of_backbone_gives_a_grid(backbone: str) -> None:
    size = 224 if backbone.startswith("swin") else 96
    encoder = Encoder(backbone, size).eval()
    with torch.no_grad():
        grid = encoder(torch.randn(2, 1, size, size))
    assert grid.shape == (2, encoder.width, size // encoder.stride, size // encoder.stride)
    torch.testing.assert_close(pool(grid), grid.flatten(2).mean(2))


def test_cells_lie_where_the_image_is() -> None:
    """A change at the lower right moves the lower right cell of a patch network most."""
    encoder = Encoder("vit_tiny_patch16_224", 64).eval()
    image = torch.zeros(1, 1, 64, 64)
    marked = image.clone()
    marked[..., 48:, 48:] = 3
    with torch.no_grad():
        change = (encoder(marked) - encoder(image)).square().sum(1)[0]
    assert int(change.argmax()) == change.numel() - 1


def test_an_unknown_backbone_is_refused_with_a_suggestion() -> None:
    with pytest.raises(RecipeError, match="resnet50"):
        Encoder("resnet5O", 64)


def test_too_small_an_image_is_refused() -> None:
    with pytest.raises(RecipeError, match="at least 64 px"):
        Encoder("resnet10t", 32)


def test_a_size_that_a_network_cannot_take_is_one_line() -> None:
    assert Encoder("test_vit", 96).network.training
    with pytest.raises(RecipeError, match=r"test_vit cannot take images of 100 px .* for 160 px"):
        Encoder("test_vit", 100)
    with pytest.raises(RecipeError, match=r"efficientformer_l1 cannot take images of 96 px"):
        Encoder("efficientformer_l1", 96)


def test_a_network_without_a_grid_is_one_line() -> None:
    with pytest.raises(RecipeError, match="crossvit_9_240 cannot take images of 240 px"):
        Encoder("crossvit_9_240", 240)
