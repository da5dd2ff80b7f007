"""Encoders that others trained, each with the preprocessing that it was trained with."""

import difflib
from pathlib import Path
from typing import Any

from radtex.compute.seeding import seeded
from radtex.errors import RunError
from radtex.models.encoder import Encoder, backbone_network
from radtex.models.encoder_input import EncoderInput, Interpolation
from radtex.models.encoders.exported_encoder import exported_encoder
from radtex.models.encoders.hub_repository import HUB
from radtex.models.encoders.rad_dino import RAD_DINO, rad_dino
from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.models.encoders.transformers_tower import hub_encoder
from radtex.models.encoders.weight_files import file_hash, fill, find_backbone, read_state_dict
from radtex.models.encoders.xrv import xrv_encoder
from radtex.models.exported_run import fetch_export, is_export

TIMM, FILE, XRV = "timm:", "file:", "xrv:"
ELSEWHERE = "elsewhere"
"""What `trained` says in the description of an encoder that is no run of ours."""
_SUFFIXES = (".pth", ".pt", ".safetensors", ".tar")
AVERAGED = "mean and deviation of red, green and blue, averaged; the stem's channels summed"


def is_foreign(what: str) -> bool:
    """Tell whether `what` names an encoder of this module, by its prefix or as a weight file."""
    named = what == RAD_DINO or what.startswith((TIMM, FILE, XRV, HUB))
    return named or Path(what).is_file() or is_export(Path(what))


def names_foreign_weights(init: str) -> bool:
    """Tell whether a run that began from `init` began from weights of unknown patients."""
    named = init == RAD_DINO or init.startswith((FILE, XRV, HUB)) or init.endswith(_SUFFIXES)
    return named or is_export(Path(init))


def resolve_foreign(what: str, backbone: str) -> ResolvedEncoder:
    """Load an encoder that others trained, in eval mode. Only what is named is ever downloaded.

    Args:
        what: `timm:NAME`, `file:PATH` (or a path), `xrv:NAME`, `rad-dino`, `hf:ORG/NAME` (see
            `hub_encoder`), or the folder of an export.
        backbone: tried first for a file, whose network is otherwise found among those whose names
            it may have.

    Raises:
        RunError: if the weights cannot be had, or do not fit a network whole.
        RecipeError: if timm does not know `backbone`.
    """
    if what == RAD_DINO:
        return rad_dino()
    if what.startswith(TIMM):
        return _timm_encoder(what.removeprefix(TIMM))
    if what.startswith(HUB):
        folder = fetch_export(what)
        return hub_encoder(what) if folder is None else exported_encoder(folder, what)
    if is_export(Path(what)):
        return exported_encoder(Path(what), Path(what).name)
    if what.startswith(XRV):
        return xrv_encoder(what.removeprefix(XRV))
    return _file_encoder(Path(what.removeprefix(FILE)), backbone)


def _timm_encoder(name: str) -> ResolvedEncoder:
    import timm

    known = timm.list_pretrained()
    if not timm.is_model(name) or not any(each.startswith(name) for each in known):
        near = difflib.get_close_matches(name, known, n=3)
        raise RunError(
            f"timm has no pretrained weights {name!r}"
            + (f"; near are {', '.join(near)}" if near else "; see timm.list_pretrained()")
        )
    config: Any = timm.get_pretrained_cfg(name)
    size = int(config.input_size[-1])
    try:
        with seeded(0):
            encoder = Encoder(name, size)
            pretrained = backbone_network(name, size, pretrained=True)
    except (OSError, RuntimeError, ImportError) as error:
        raise RunError(
            f"cannot get the weights {name} of timm ({type(error).__name__}); go online, or fill "
            "its cache beforehand (HF_HOME names the folder)"
        ) from error
    encoder.network.load_state_dict(pretrained.state_dict())
    encoder.backbone = str(config.architecture)
    return _resolved(encoder, "timm", f"timm {config.architecture}.{config.tag}", config)


def _file_encoder(path: Path, backbone: str) -> ResolvedEncoder:
    import timm

    weights = read_state_dict(path)
    size = _own_size(backbone)
    found = find_backbone(weights, backbone, size, str(path))
    with seeded(0):
        encoder = Encoder(found, _own_size(found))
    fill(encoder, weights, str(path))
    config: Any = timm.get_pretrained_cfg("resnet50.tv_in1k")
    resolved = _resolved(
        encoder,
        "file",
        f"file {path.name}, SHA-256 {file_hash(path)}",
        config,
    )
    resolved.description["grey_levels"] = f"ImageNet's, assumed: {AVERAGED}"
    return resolved


def _own_size(backbone: str) -> int:
    import timm

    config = timm.get_pretrained_cfg(backbone) if timm.is_model(backbone) else None
    return 224 if config is None else int(config.input_size[-1])


def _resolved(
    encoder: Encoder,
    source: str,
    weights: str,
    config: Any,
) -> ResolvedEncoder:
    interpolation: Interpolation = "bicubic" if config.interpolation == "bicubic" else "bilinear"
    return ResolvedEncoder(
        encoder.eval(),
        source,
        EncoderInput.of_colours(encoder.input_size, config.mean, config.std, interpolation),
        description={
            "architecture": encoder.backbone,
            "input_size": encoder.input_size,
            "weights": weights,
            "trained": ELSEWHERE,
            "grey_levels": AVERAGED,
            "interpolation": interpolation,
        },
    )
