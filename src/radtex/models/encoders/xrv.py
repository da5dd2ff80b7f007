"""The classifiers of torchxrayvision as encoders.

Cohen et al., 2022, "TorchXRayVision: a library of chest X-ray datasets and models", MIDL. Their
networks are a DenseNet-121 and a ResNet-50 of one channel, whose grids equal timm's.
"""

import contextlib
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from radtex.compute.seeding import seeded
from radtex.errors import RunError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.models.encoders.weight_files import file_hash, fill, read_state_dict

_ARCHIVES = {
    "densenet121-res224-all": ("nih", "padchest", "chexpert", "mimic", "openi", "rsna"),
    "densenet121-res224-nih": ("nih",),
    "densenet121-res224-pc": ("padchest",),
    "densenet121-res224-chex": ("chexpert",),
    "densenet121-res224-rsna": ("rsna",),
    "densenet121-res224-mimic_nb": ("mimic",),
    "densenet121-res224-mimic_ch": ("mimic",),
    "resnet50-res512-all": ("padchest", "nih", "rsna", "siim", "vindr"),
}
"""Namespaces of the patients that each was trained on, by the library's own descriptions."""

_LAYERS = (
    nn.Sequential,
    nn.Conv2d,
    nn.BatchNorm2d,
    nn.ReLU,
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.Linear,
)
_PARTS = ("DenseNet", "_DenseBlock", "_DenseLayer", "_Transition")


def xrv_encoder(name: str) -> ResolvedEncoder:
    """Load a classifier of torchxrayvision, in eval mode, without its head.

    Greys 0 to 255 become −1024 to 1024, at the 224 or 512 px that it was trained with. Its file,
    downloaded to the library's cache unless it is there, may be a pickled module: torch reads it
    as weights alone, with the classes of such a network allowed. Where it refuses that, as it does
    the format before torch 1.6, a user may convert the file; a `.safetensors` file of the same name
    beside it is taken first.

    Raises:
        RunError: if the package is absent, `name` is unknown, or the file cannot be had or read.
    """
    if importlib.util.find_spec("torchxrayvision") is None:
        raise RunError("xrv:NAME needs torchxrayvision; run `pip install torchxrayvision`")
    if name not in _ARCHIVES:
        raise RunError(f"no weights xrv:{name}; expected one of {', '.join(_ARCHIVES)}")
    models = importlib.import_module("torchxrayvision.models")
    path = _download(models, name)
    backbone = name.partition("-")[0]
    with seeded(0):
        encoder = Encoder(backbone, int(models.model_urls[name]["input_resolution"]))
    fill(encoder, _state_dict(name, path, models), f"xrv:{name}")
    return ResolvedEncoder(
        encoder.eval(),
        "xrv",
        EncoderInput(encoder.input_size, 127.5, 127.5 / 1024),
        description={
            "architecture": backbone,
            "input_size": encoder.input_size,
            "weights": f"torchxrayvision {name}, SHA-256 of its file {file_hash(path)}",
            "trained": "elsewhere",
            "grey_levels": "0 to 255 become -1024 to 1024",
            "interpolation": "bilinear",
            "namespaces": list(_ARCHIVES[name]),
        },
    )


def _download(models: Any, name: str) -> Path:
    # The library reports its downloads on standard output, where results go.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            return Path(models.get_weights(name))
        except OSError as error:
            raise RunError(
                f"cannot get the weights xrv:{name} ({type(error).__name__}); go online, or put "
                f"{models.model_urls[name]['weights_url']} into torchxrayvision's cache beforehand"
            ) from error


def _state_dict(name: str, path: Path, models: Any) -> dict[str, Tensor]:
    converted = path.with_suffix(".safetensors")
    if converted.is_file():
        weights = read_state_dict(converted)
    else:
        parts = [getattr(models, part) for part in _PARTS]
        try:
            with torch.serialization.safe_globals([*parts, *_LAYERS]):
                content = torch.load(path, map_location="cpu", weights_only=True)
            weights = content.state_dict() if isinstance(content, nn.Module) else dict(content)
        except Exception as error:  # the library raises many kinds on a damaged file
            raise RunError(
                f"the weights {path} are damaged, or of a kind that could run as a program when "
                "read; if you trust the file, convert it once: python -c 'import torchxrayvision, "
                "safetensors.torch; safetensors.torch.save_file(torchxrayvision.models.get_model("
                f'"{name}").state_dict(), "{converted}")\''
            ) from error
    return {key: value for key, value in weights.items() if key != "op_threshs"}
