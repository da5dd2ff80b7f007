"""Grad-CAM against its closed form on the last grid, and finite differences on earlier ones."""

import pytest
import torch
from torch import Tensor

from radtex.compute.seeding import seeded
from radtex.errors import RecipeError
from radtex.explaining.grad_cam import default_stride, grad_cam
from radtex.models.encoder import Encoder, pool


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    with seeded(0):
        return Encoder("test_resnet", 64).double().eval()


@pytest.fixture(scope="module")
def images() -> Tensor:
    with seeded(1):
        return torch.randn(2, 1, 64, 64, dtype=torch.float64)


@pytest.fixture(scope="module")
def weights(encoder: Encoder) -> Tensor:
    with seeded(2):
        return torch.randn(encoder.width, dtype=torch.float64)


def test_is_the_class_activation_map_on_the_last_grid(encoder, images, weights) -> None:
    with torch.no_grad():
        grid = encoder(images)
    features = pool(grid).mean(dim=0)
    weights = weights - (weights @ features) / (features @ features) * features
    contributions = torch.einsum("bchw,c->bhw", grid, weights) / grid[0, 0].numel()
    torch.testing.assert_close(grad_cam(encoder, images, weights), contributions.relu())
    assert (contributions > 0).any()
    assert (contributions < 0).any()


def test_weighs_the_channels_of_an_earlier_layer_by_their_effect(encoder, images, weights) -> None:
    layer = encoder.network.get_submodule("layer2")
    kept: list[Tensor] = []
    shift = torch.zeros(1, dtype=torch.float64)

    def move(_module, _inputs, output: Tensor) -> Tensor:
        kept.append(output)
        return output + shift.view(1, -1, 1, 1)

    hook = layer.register_forward_hook(move)
    with torch.no_grad():
        encoder(images)
        features = kept[0]
        step, effects = 1e-6, []
        for channel in range(features.shape[1]):
            scores = []
            for sign in (1, -1):
                shift = torch.zeros(features.shape[1], dtype=torch.float64)
                shift[channel] = sign * step
                scores.append(pool(encoder(images)) @ weights)
            effects.append((scores[0] - scores[1]) / (2 * step) / features[0, 0].numel())
    hook.remove()
    expected = torch.einsum("bchw,cb->bhw", features, torch.stack(effects)).relu()
    stride = images.shape[-1] // features.shape[-1]
    assert stride < encoder.stride
    torch.testing.assert_close(
        grad_cam(encoder, images, weights, stride), expected, rtol=1e-4, atol=1e-9
    )


def test_leaves_the_encoder_as_it_was(encoder, images, weights) -> None:
    grad_cam(encoder, images, weights, stride=8)
    assert all(parameter.grad is None for parameter in encoder.parameters())
    assert not any(module._forward_hooks for module in encoder.modules())
    assert not images.requires_grad


def test_names_the_layers_there_are(encoder, images, weights) -> None:
    with pytest.raises(RecipeError, match="no layer of 5 pixels per cell; its layers have 2, 4"):
        grad_cam(encoder, images, weights, stride=5)


def test_a_transformer_has_no_finer_grid(images) -> None:
    transformer = Encoder("test_vit", 64).double().eval()
    weights = torch.ones(transformer.width, dtype=torch.float64)
    assert grad_cam(transformer, images, weights).shape == (2, 4, 4)
    with pytest.raises(RecipeError, match="earlier layers of test_vit are no grids"):
        grad_cam(transformer, images, weights, stride=16)


def test_a_map_has_four_cells_a_side_where_a_layer_has_them(encoder) -> None:
    assert default_stride(encoder) == 16
    assert default_stride(Encoder("test_resnet", 128)) is None
    assert default_stride(Encoder("test_vit", 160)) is None
