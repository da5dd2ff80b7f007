"""A convolutional network for inference alone: what follows a convolution becomes part of it."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from radtex.compute.depthwise import DepthwiseConv2d

M = TypeVar("M", bound=nn.Module)

_ONEDNN: dict[type[nn.Module], tuple[str, list[float]]] = {
    nn.ReLU: ("relu", []),
    nn.ReLU6: ("hardtanh", [0.0, 6.0]),
}
"""Activations that oneDNN computes with a convolution, by its name and its numbers."""
_CLOSE = 1e-3
"""Greatest difference of the copy's answer, as a share of the largest value."""


@dataclass(frozen=True)
class _Call:
    """A module's call, and what it took and gave: the tensors, and how often each was changed."""

    name: str
    module: nn.Module
    taken: tuple[Tensor, int]
    given: tuple[Tensor, int]


@dataclass(frozen=True)
class _Chain:
    """A convolution, the batch-norm that alone takes what it gives, and the activation after it."""

    convolution: str
    norm: str
    activation: str | None


class FoldedConvolution(nn.Module):
    """A convolution, the batch-norm after it and an activation, in one pass over the maps.

    On a CPU oneDNN does so, with the weight in its own order, and it pads where TensorFlow's
    "same" padding is larger on one side than on the other.
    """

    def __init__(self, convolution: nn.Conv2d, activation: nn.Module, batch: int) -> None:
        """Take a convolution that holds its batch-norm; `batch` is about how many images it gets.

        Args:
            convolution: float32 or float64.
            activation: what follows; any module.
            batch: images at once, for which the weight is ordered.
        """
        super().__init__()
        self.convolution, self.activation, self.batch = convolution, activation, batch
        self.by_shape: dict[tuple[int, ...], Callable[[Tensor], Tensor]] = {}

    def forward(self, maps: Tensor) -> Tensor:
        """Convolve (B, C, h, w)."""
        fast = maps.device.type == "cpu" and maps.dtype == torch.float32
        if not fast or not torch.backends.mkldnn.is_available():
            activated: Tensor = self.activation(self.convolution(maps))
            return activated
        shape = tuple(maps.shape[1:])
        if shape not in self.by_shape:
            self.by_shape[shape] = self._by_onednn(shape)
        return self.by_shape[shape](maps)

    def _by_onednn(self, shape: tuple[int, ...]) -> Callable[[Tensor], Tensor]:
        """Order the weight for maps of a shape (C, h, w)."""
        from timm.layers.conv2d_same import Conv2dSame  # takes seconds, as in models/encoder.py

        of = self.convolution
        weight, padding = (
            _with_equal_padding(of, shape[1:])
            if isinstance(of, Conv2dSame)
            else (of.weight, of.padding)
        )
        sides = [list(each) for each in (padding, of.stride, of.dilation)]
        ordered = torch.ops.mkldnn._reorder_convolution_weight(
            weight.contiguous(memory_format=torch.channels_last),
            *sides,
            of.groups,
            [self.batch, *shape],
        )
        name, numbers = _ONEDNN.get(type(self.activation), ("none", []))
        rest = nn.Identity() if type(self.activation) in _ONEDNN else self.activation
        convolve = torch.ops.mkldnn._convolution_pointwise
        return lambda maps: rest(
            convolve(maps, ordered, of.bias, *sides, of.groups, name, numbers, "")
        )


@torch.inference_mode(False)
@torch.no_grad()
def folded(network: M, example: Tensor, batch: int) -> M:
    """Copy a network so that it answers the same up to rounding, and faster; without gradients.

    One image shows which batch-norm takes what a convolution gives. The copy has to answer another
    image as the network does, which tells where something else took it, too.

    Args:
        network: in eval mode.
        example: of the shape, type and device of one image, (1, C, S, S).
        batch: about how many images the copy gets at once.

    Returns:
        The copy; `network` itself where it has nothing to fold, the copy answers otherwise, or it
        is in training mode.
    """
    chains = [] if network.training else list(_chains(_calls(network, torch.zeros_like(example))))
    if not chains:
        return network
    copied = copy.deepcopy(network)
    for chain in chains:
        _fold(copied, chain, batch)
    image = torch.randn(example.shape, generator=torch.Generator().manual_seed(0)).to(example)
    expected, answer = network(image), copied(image)
    close = (answer - expected).abs().max() <= _CLOSE * expected.abs().max()
    return copied if close else network


def _calls(network: nn.Module, image: Tensor) -> list[_Call]:
    """Calls of the layers that take one tensor and give one, in their order."""
    calls: list[_Call] = []
    versions: dict[str, int] = {}

    def before(name: str) -> Callable[[nn.Module, Any], None]:
        def hook(_: nn.Module, taken: Any) -> None:
            versions[name] = taken[0]._version

        return hook

    def after(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, taken: Any, given: Any) -> None:
            given_at = (given, given._version)
            calls.append(_Call(name, module, (taken[0], versions[name]), given_at))

        return hook

    hooks = []
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.BatchNorm2d) or type(module) in _ONEDNN:
            hooks.append(module.register_forward_pre_hook(before(name)))
            hooks.append(module.register_forward_hook(after(name)))
    try:
        network(image)
    finally:
        for each in hooks:
            each.remove()
    return calls


def _chains(calls: list[_Call]) -> Iterator[_Chain]:
    from timm.layers.norm_act import BatchNormAct2d

    for call in calls:
        norm = _taker(call, calls) if _is_convolution(call.module) else None
        if norm is None or not _is_norm(norm.module):
            continue
        # That of a `BatchNormAct2d` is its own.
        activation = None if isinstance(norm.module, BatchNormAct2d) else _taker(norm, calls)
        known = activation is not None and type(activation.module) in _ONEDNN
        yield _Chain(call.name, norm.name, activation.name if activation and known else None)


def _taker(call: _Call, calls: list[_Call]) -> _Call | None:
    """The one call that takes what `call` gave, unchanged since; None if a layer works twice."""
    takers = [each for each in calls if each.taken[0] is call.given[0]]
    if len(takers) != 1 or takers[0].taken[1] != call.given[1]:
        return None
    modules = [each.module for each in calls]
    twice = max(modules.count(call.module), modules.count(takers[0].module)) > 1
    return None if twice else takers[0]


def _is_convolution(module: nn.Module) -> bool:
    from timm.layers.conv2d_same import Conv2dSame

    if type(module) is Conv2dSame:
        return module.dilation == (1, 1)
    return (
        type(module) in (nn.Conv2d, DepthwiseConv2d)
        and module.padding_mode == "zeros"
        and not isinstance(module.padding, str)
    )


def _is_norm(module: nn.Module) -> bool:
    return (
        isinstance(module, nn.BatchNorm2d)
        and module.running_mean is not None
        and isinstance(getattr(module, "drop", nn.Identity()), nn.Identity)
    )


def _fold(network: nn.Module, chain: _Chain, batch: int) -> None:
    from timm.layers.norm_act import BatchNormAct2d

    convolution: Any = network.get_submodule(chain.convolution)
    norm: Any = network.get_submodule(chain.norm)
    activation = norm.act if isinstance(norm, BatchNormAct2d) else nn.Identity()
    if chain.activation is not None:
        activation = network.get_submodule(chain.activation)
        _replace(network, chain.activation, nn.Identity())
    convolution.weight, convolution.bias = fuse_conv_bn_weights(
        convolution.weight,
        convolution.bias,
        norm.running_mean,
        norm.running_var,
        norm.eps,
        norm.weight,
        norm.bias,
    )
    layer = FoldedConvolution(convolution, activation, batch)
    _replace(network, chain.norm, nn.Identity())
    _replace(network, chain.convolution, layer)


def _replace(network: nn.Module, name: str, layer: nn.Module) -> None:
    parent, _, own = name.rpartition(".")
    setattr(network.get_submodule(parent), own, layer)


def _with_equal_padding(convolution: nn.Conv2d, size: tuple[int, ...]) -> tuple[Tensor, list[int]]:
    """A weight and padding that pad both sides alike, for maps of a size (h, w).

    Where "same" padding has one row more behind than in front, the kernel gets a row of zeros in
    front, which reaches into one row more there.
    """
    from timm.layers.padding import get_same_padding

    rows, columns = (
        get_same_padding(*each)
        for each in zip(
            size, convolution.kernel_size, convolution.stride, convolution.dilation, strict=True
        )
    )
    weight = F.pad(convolution.weight, (columns % 2, 0, rows % 2, 0))
    return weight, [rows - rows // 2, columns - columns // 2]
