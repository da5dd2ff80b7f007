"""The fast gradient of depthwise convolutions against PyTorch's own."""

import copy

import pytest
import torch
from torch import nn

from radtex.compute.depthwise import DepthwiseConv2d, speed_up_depthwise
from radtex.models.encoder import Encoder


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("side", [3, 5, 7])
@pytest.mark.parametrize("bias", [True, False])
def test_gradients_are_those_of_pytorch(size: int, stride: int, side: int, bias: bool) -> None:
    torch.manual_seed(0)
    plain = nn.Conv2d(6, 6, side, stride, side // 2, groups=6, bias=bias).double()
    fast = copy.deepcopy(plain).float()
    assert speed_up_depthwise(fast) == 1
    images = torch.randn(4, 6, size, size + 1, dtype=torch.float64)
    results = []
    for module, dtype in ((plain, torch.float64), (fast, torch.float32)):
        maps = images.to(dtype).to(memory_format=torch.channels_last).requires_grad_()
        output = module(maps)
        torch.sin(output).sum().backward()
        assert maps.grad is not None
        gradients = [parameter.grad for parameter in module.parameters()]
        results.append([output, maps.grad, *gradients])
    for expected, found in zip(*results, strict=True):
        assert expected is not None
        assert found is not None
        torch.testing.assert_close(found.double(), expected, atol=1e-5, rtol=1e-4)


def test_only_depthwise_convolutions_of_a_network_change() -> None:
    encoder = Encoder("efficientnet_lite0", 64)
    names = list(encoder.state_dict())
    depthwise = speed_up_depthwise(encoder)
    assert depthwise == 16
    assert list(encoder.state_dict()) == names
    assert sum(isinstance(module, DepthwiseConv2d) for module in encoder.modules()) == depthwise
    assert speed_up_depthwise(Encoder("resnet18", 64)) == 0


def test_small_maps_only_take_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def spy(_: nn.Conv2d, maps: torch.Tensor) -> torch.Tensor:
        seen.append(maps.shape)
        return maps

    monkeypatch.setattr(nn.Conv2d, "forward", spy)
    module = nn.Conv2d(2, 2, 3, padding=1, groups=2)
    speed_up_depthwise(module)
    module(torch.zeros(1, 2, 3, 3))
    assert seen == []
    module(torch.zeros(1, 2, 3, 4))
    with torch.autocast("cpu", torch.bfloat16):
        module(torch.zeros(1, 2, 3, 3))
    assert len(seen) == 2
