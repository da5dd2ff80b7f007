"""A folded network answers as the network that it was made of."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from radtex.compute.folding import FoldedConvolution, folded
from radtex.compute.seeding import seeded
from radtex.models.encoder import Encoder

NETWORKS = [
    ("tf_efficientnet_lite0", 64),  # "same" padding that is larger behind, ReLU6 in the norm
    ("tf_efficientnet_lite0", 75),  # odd maps
    ("tf_efficientnet_b0", 64),  # SiLU, squeeze and excitation
    ("resnet10t", 64),  # norms, then activations, then sums in place
    ("densenet121", 64),  # norms before convolutions
]


def image(size: int, dtype: torch.dtype = torch.float64, images: int = 1) -> Tensor:
    with seeded(1):
        return torch.randn(images, 1, size, size, dtype=dtype)


def trained(network: nn.Module) -> nn.Module:
    """Batch-norms with the statistics of no standard normal."""
    with seeded(2):
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.normal_(std=0.1)
                module.running_var.uniform_(0.5, 2)
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias, std=0.1)
    return network.eval()


def encoder(backbone: str, size: int) -> nn.Module:
    with seeded(0):
        return trained(Encoder(backbone, size))


def count(network: nn.Module, *kinds: type[nn.Module]) -> int:
    return sum(isinstance(module, kinds) for module in network.modules())


@pytest.mark.parametrize(("backbone", "size"), NETWORKS)
@torch.inference_mode()
def test_a_folded_encoder_answers_as_the_encoder(backbone: str, size: int) -> None:
    plain = encoder(backbone, size)
    copied = folded(plain, image(size, torch.float32)[:1], 4)
    assert count(copied, FoldedConvolution) >= 14
    films = image(size, torch.float32, images=3)
    expected = plain.double()(films.double())
    for batch in (films, films[:1]):
        answer = copied(batch)
        scale = expected.abs().max()
        assert (answer - expected[: len(batch)]).abs().max() < 1e-4 * scale
    exact = folded(plain, image(size), 4)
    assert (exact(films.double()) - expected).abs().max() < 1e-11 * scale


def test_all_norms_of_the_recipes_encoders_are_folded_and_the_encoder_is_left_alone() -> None:
    for backbone in ("tf_efficientnet_lite0", "resnet50"):
        plain = encoder(backbone, 64)
        before = {name: value.clone() for name, value in plain.state_dict().items()}
        copied = folded(plain, image(64, torch.float32), 4)
        assert copied is not plain
        assert count(copied, nn.BatchNorm2d) == 0
        assert count(plain, FoldedConvolution) == 0
        after = plain.state_dict()
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)


class TwiceTaken(nn.Module):
    """The convolution's maps are taken by its norm, and by a sum."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.norm = nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.convolution(images)
        result: Tensor = self.norm(maps) + maps
        return result


class Changed(TwiceTaken):
    """The convolution's maps are changed in place before its norm takes them."""

    def forward(self, images: Tensor) -> Tensor:
        result: Tensor = self.norm(self.convolution(images).add_(1))
        return result


class CalledTwice(TwiceTaken):
    """The norm works twice."""

    def forward(self, images: Tensor) -> Tensor:
        result: Tensor = self.norm(self.norm(self.convolution(images)))
        return result


class Added(nn.Module):
    """A sum in place stands between a norm and an activation."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.norm = nn.Conv2d(1, 1, 3, padding=1), nn.BatchNorm2d(1)
        self.activation = nn.ReLU(inplace=True)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.norm(self.convolution(images))
        maps += images
        result: Tensor = self.activation(maps)
        return result


@pytest.mark.parametrize("network", [TwiceTaken, Changed, CalledTwice])
def test_what_cannot_be_folded_is_left_as_it_is(network: type[nn.Module]) -> None:
    with seeded(0):
        plain = trained(network())
    assert folded(plain, image(8, torch.float32), 1) is plain


def test_an_activation_behind_a_sum_is_not_folded() -> None:
    with seeded(0):
        plain = trained(Added())
    copied = folded(plain, image(8, torch.float32), 1)
    assert count(copied, FoldedConvolution) == count(copied, nn.ReLU) == 1
    with torch.no_grad():
        torch.testing.assert_close(copied(image(8).float()), plain(image(8).float()))


def test_a_network_in_training_is_not_folded() -> None:
    plain = encoder("resnet10t", 64).train()
    assert folded(plain, image(64, torch.float32), 1) is plain


def test_an_activation_that_the_library_lacks_comes_after_it() -> None:
    with seeded(0):
        convolution = nn.Conv2d(3, 4, 3, padding=1)
    layer = FoldedConvolution(convolution, nn.Softplus(), 2)
    maps = torch.randn(2, 3, 6, 6)
    with torch.inference_mode():
        torch.testing.assert_close(layer(maps), F.softplus(convolution(maps)))
