"""Linear layers by oneDNN against PyTorch's own."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from radtex.compute import linear_layer as module
from radtex.compute.linear_layer import Linear, linear, speed_up_linear


@pytest.fixture
def _onednn(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a processor where it is the faster library."""
    if not torch.backends.mkldnn.is_available():
        pytest.skip("torch holds no oneDNN")
    monkeypatch.setattr(module, "onednn_is_faster", lambda: True)
    monkeypatch.setattr(module, "_LEAST_WEIGHT", 1)


def products(shape: tuple[int, ...], inputs: int, outputs: int) -> tuple[list[torch.Tensor], ...]:
    """Result and gradients by `linear` and by torch."""
    torch.manual_seed(0)
    drawn = [torch.randn(*shape, inputs), torch.randn(outputs, inputs), torch.randn(outputs)]
    found = []
    for function in (linear, F.linear):
        given = [each.clone().requires_grad_() for each in drawn]
        result = function(*given)
        (result * torch.linspace(-1, 1, outputs)).sum().backward()
        found.append([result.detach(), *(each.grad for each in given if each.grad is not None)])
    return tuple(found)


@pytest.mark.usefixtures("_onednn")
@pytest.mark.parametrize(
    ("shape", "inputs", "outputs"),
    [((37,), 48, 64), ((3, 5), 16, 8), ((1,), 3, 1), ((40,), 512, 768)],
)
def test_result_and_gradients_are_those_of_torch(
    shape: tuple[int, ...], inputs: int, outputs: int
) -> None:
    ours, theirs = products(shape, inputs, outputs)
    assert len(ours) == len(theirs) == 4
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-3)


@pytest.mark.usefixtures("_onednn")
def test_any_order_of_memory_and_expanded_gradients_are_taken() -> None:
    torch.manual_seed(0)
    weight = torch.randn(600, 500, requires_grad=True)
    rows = torch.randn(500, 30).t()
    linear(rows, weight, None).sum().backward()
    assert weight.grad is not None
    torch.testing.assert_close(weight.grad, rows.sum(0).expand(600, -1), rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("_onednn")
def test_what_onednn_is_not_for_goes_to_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> torch.Tensor:
        raise AssertionError("oneDNN was asked")

    monkeypatch.setattr(module, "product", refuse)
    layer = nn.Linear(4, 3)
    assert linear(torch.empty(0, 4), layer.weight, layer.bias).shape == (0, 3)
    double = layer.weight.double()
    assert linear(torch.ones(2, 4).double(), double, None).dtype == torch.float64
    with torch.autocast("cpu", torch.bfloat16):
        assert linear(torch.ones(2, 4), layer.weight, layer.bias).dtype == torch.bfloat16
    with pytest.raises(AssertionError, match="was asked"):
        linear(torch.ones(2, 4), layer.weight, layer.bias)


def test_a_network_keeps_its_weights_and_their_names() -> None:
    plain = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2, bias=False))
    network = copy.deepcopy(plain)
    assert speed_up_linear(network) == 2
    assert all(type(layer) is Linear for layer in network if isinstance(layer, nn.Linear))
    assert list(network.state_dict()) == list(plain.state_dict())
    images = torch.randn(5, 4)
    torch.testing.assert_close(network(images), plain(images))
