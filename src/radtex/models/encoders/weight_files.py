"""Weight files that others made, matched to a timm backbone: whole, or refused in one line."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import torch
from safetensors.torch import load_file
from torch import Tensor

from radtex.errors import RunError
from radtex.inputs import require_input
from radtex.models.encoder import Encoder

KNOWN = (
    "resnet50",
    "resnet18",
    "resnet34",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "wide_resnet50_2",
    "densenet121",
    "densenet169",
    "densenet201",
)
"""Backbones whose weights timm and torchvision name alike and use alike."""

_NESTS = ("state_dict", "model_state_dict", "model", "teacher", "network")
_HEADS = {"fc", "classifier", "head", "heads", "last_linear"}
_COUNTER = "num_batches_tracked"
_OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")
_SHOWN = 3


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Read the tensors, by name, of a safetensors file or of a file that `torch.save` wrote.

    Of the latter torch reads plain values alone and executes nothing. The state dict of a
    checkpoint is looked for one level down, under the names that trainers use.

    Raises:
        RunError: if the file is missing or damaged, holds anything but plain values, or no tensor.
    """
    require_input(path, RunError, "a .safetensors, .pth or .pt file of weights")
    if not path.is_file():
        raise RunError(f"no weights at {path}: expected a .safetensors, .pth or .pt file")
    content = _read(path)
    for nest in _NESTS:
        if isinstance(content.get(nest), Mapping):
            content = content[nest]
            break
    tensors = {
        str(name): value for name, value in content.items() if isinstance(value, torch.Tensor)
    }
    if not tensors:
        raise RunError(
            f"{path} holds no weights by name; expected a state dict, or a checkpoint with one "
            f"under {', '.join(_NESTS[:3])}"
        )
    return tensors


def file_hash(path: Path) -> str:
    """Hash a file: SHA-256, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_backbone(weights: Mapping[str, Tensor], first: str, size: int, source: str) -> str:
    """Find the backbone that weights fit.

    Args:
        weights: by name.
        first: the timm name of the backbone to try before those of `KNOWN`.
        size: side of its images, in pixels.
        source: what the weights are called in an error.

    Returns:
        Its timm name.

    Raises:
        RunError: if they fit none, with the first names that keep them from fitting the nearest.
        RecipeError: if timm does not know `first`.
    """
    refusals: list[tuple[int, str]] = []
    # Building a network takes a while; a name tells whether it is worth it.
    family = "densenet" if any("denselayer" in name for name in weights) else "res"
    known = [name for name in KNOWN if family in name and any("layer" in key for key in weights)]
    for backbone in dict.fromkeys((first, *known)):
        with torch.device("meta"):
            encoder = Encoder(backbone, size if backbone == first else max(size, 64))
        problems = _match(weights, encoder)[1]
        if not problems:
            return backbone
        refusals.append((len(problems), f"{backbone} ({_listed(problems)})"))
    raise RunError(
        f"the weights of {source} fit no known backbone; nearest is {min(refusals)[1]}; "
        "name the timm network they were trained with as --backbone"
    )


def fill(encoder: Encoder, weights: Mapping[str, Tensor], source: str) -> None:
    """Give an encoder all of its weights from a foreign state dict.

    The network may stand below any one prefix (`module.`, `backbone.`, `visual.cnn.`, …). A
    classifier is dropped, the three colour channels of the stem are summed to one, and counters of
    batches, which old files lack, stay as they are.

    Args:
        encoder: is changed in place.
        weights: by name.
        source: what they are called in an error.

    Raises:
        RunError: if a weight is missing, is of another shape, or is one too many.
    """
    found, problems = _match(weights, encoder)
    if problems:
        raise RunError(
            f"the weights of {source} do not fit {encoder.backbone}: {_listed(problems)}; "
            "name the timm network they were trained with as --backbone"
        )
    if not all(value.isfinite().all() for value in found.values()):
        raise RunError(f"the weights of {source} are no finite numbers")
    encoder.network.load_state_dict(encoder.network.state_dict() | found)


def _read(path: Path) -> Mapping[Any, Any]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        _refuse_packed(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except RunError:
        raise
    except Exception as error:  # either library raises many kinds on a damaged file
        refused = "Unsupported" in str(error) or "Weights only" in str(error)
        reason = (
            "it holds more than weights, which could run as a program when read"
            if refused
            else f"it is damaged or of another kind ({type(error).__name__})"
        )
        raise RunError(
            f"cannot read the weights {path}: {reason}; expected safetensors, or a state dict "
            "that torch.save wrote"
        ) from error
    if not isinstance(content, Mapping):
        raise RunError(f"{path} holds a {type(content).__name__}; expected a state dict by name")
    return content


def _refuse_packed(path: Path) -> None:
    """Refuse a file of torch's that unpacks to more than it is: torch itself packs nothing."""
    if not is_zipfile(path):
        return
    with ZipFile(path) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())
    if unpacked > path.stat().st_size:
        raise RunError(
            f"{path} unpacks to {unpacked:,} bytes, more than the file has; save its weights anew, "
            "by torch.save"
        )


def _match(
    weights: Mapping[str, Tensor], encoder: Encoder
) -> tuple[dict[str, Tensor], Sequence[str]]:
    """The weights by the encoder's own names, and what keeps them from fitting."""
    expected = encoder.network.state_dict()
    renamed = {_OLD_DENSENET.sub(r"\1\2.", name): value for name, value in weights.items()}
    prefixes = _prefixes(renamed, expected)
    if len(prefixes) > 1:
        listed = ", ".join(repr(prefix) for prefix in prefixes)
        return {}, [f"several networks: under {listed}"]
    prefix = prefixes[0] if prefixes else ""
    own = {
        name.removeprefix(prefix): value
        for name, value in renamed.items()
        if name.startswith(prefix)
    }
    stem = f"{encoder.network.pretrained_cfg['first_conv']}.weight"
    grey = expected.get(stem)
    if grey is not None and stem in own and own[stem].shape == (len(grey), 3, *grey.shape[2:]):
        own[stem] = own[stem].sum(dim=1, keepdim=True)
    problems = [
        f"{prefix}{name} is missing"
        for name in expected
        if name not in own and not name.endswith(_COUNTER)
    ]
    problems += [
        f"{prefix}{name} is {tuple(own[name].shape)} and not {tuple(value.shape)}"
        for name, value in expected.items()
        if name in own and own[name].shape != value.shape
    ]
    problems += [
        f"{prefix}{name} is one too many"
        for name in own
        if name not in expected and name.partition(".")[0] not in _HEADS
    ]
    return {name: own[name] for name in expected if name in own}, problems


def _prefixes(weights: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> list[str]:
    """Where the network stands: under each prefix that holds all of it, else under the fullest."""
    names = [name for name in expected if not name.endswith(_COUNTER)]
    first = names[0]
    ends = [name.removesuffix(first) for name in weights if name.endswith(first)]
    counts = {
        prefix: sum(prefix + name in weights for name in names)
        for prefix in ends
        if not prefix or prefix.endswith(".")
    }
    most = max(counts.values(), default=0)
    fullest = [prefix for prefix, count in counts.items() if count == most]
    return fullest if most == len(names) else fullest[:1]


def _listed(problems: Sequence[str]) -> str:
    more = len(problems) - _SHOWN
    return "; ".join(problems[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
