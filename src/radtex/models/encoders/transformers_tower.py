"""`hf:ORG/NAME`: the vision tower of any model of transformers, by its name on the hub.

Nothing of a repository is executed: `trust_remote_code` is never set, and pickled weights are read
as plain values alone.
"""

import hashlib
import importlib
import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from radtex.errors import RunError
from radtex.models.encoders.hub_repository import HubRepository, OutOfReachError
from radtex.models.encoders.image_processor import ProcessorInput, input_of
from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.models.encoders.vision_tower import VisionTower
from radtex.models.encoders.weight_files import file_hash

CONFIG, PROCESSOR = "config.json", "preprocessor_config.json"
_WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
_WITHOUT_EFFECT = ("pooler", "head", "classifier", "lm_head")
"""Parts of names of weights that the grid does not depend on."""
_TRAINED_ON = {"microsoft/rad-dino": ("mimic", "chexpert", "nih", "padchest", "brax")}
"""Namespaces of the patients that a model was trained on, by its own description."""


def hub_encoder(what: str) -> ResolvedEncoder:
    """Load the vision tower of a model of transformers, in eval mode, with its own processor.

    Args:
        what: `hf:ORG/NAME[@REVISION]` or `hf:./FOLDER`.

    Raises:
        RunError: if it cannot be had, has no vision tower, runs code of its own, states no
            preprocessing, or its weights are damaged.
    """
    if importlib.util.find_spec("transformers") is None:
        raise RunError(f"{what} needs transformers; run `pip install 'radtex[hub]'`")
    repository = HubRepository.find(what, CONFIG)
    transformers = importlib.import_module("transformers")
    _refuse_strangers(repository, transformers)
    weights = _weight_files(repository)
    if repository.file(PROCESSOR) is None:
        raise RunError(
            f"{repository.name} has no {PROCESSOR}, so nobody knows how its images are made ready"
        )
    with _quiet(transformers):
        found = input_of(_processor(transformers, repository), repository.name)
        network, missing = _network(transformers, repository)
        tower = VisionTower(network, found.takes, found.mean, found.std, pools=not missing)
    return ResolvedEncoder(
        tower.eval(), "hf", found.takes, description=_described(repository, tower, found, weights)
    )


def _refuse_strangers(repository: HubRepository, transformers: Any) -> None:
    """Refuse what transformers has no code for."""
    try:
        config = json.loads((repository.folder / CONFIG).read_text(encoding="utf-8"))
        kind = config.get("model_type")
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise RunError(
            f"{CONFIG} of {repository.name} is damaged ({type(error).__name__})"
        ) from error
    if kind in transformers.CONFIG_MAPPING:
        return
    if "auto_map" in config:
        raise RunError(
            f"{repository.name} would run code of its own, and radtex never runs other people's "
            "code; name a model that transformers itself has"
        )
    if kind is None:
        raise RunError(
            f"{repository.name} is no model of transformers: its {CONFIG} names no model_type; "
            "weights of timm are named as timm:NAME, and a weight file as file:PATH with its "
            "--backbone"
        )
    raise RunError(
        f"{repository.name} is a {kind!r}, which transformers {transformers.__version__} does not "
        "know; a newer one may"
    )


def _weight_files(repository: HubRepository) -> list[Path]:
    """Fetch the weights: safetensors where there are any, else what `torch.save` wrote."""
    unknown = None
    for name in _WEIGHTS:
        try:
            path = repository.file(name)
        except OutOfReachError as error:  # another one may be in the cache
            unknown = unknown or error
            continue
        if path is not None:
            return [path, *_shards(repository, path)] if name.endswith(".json") else [path]
    if unknown is not None:
        raise unknown
    raise RunError(
        f"{repository.name} has no weights that radtex reads; expected {_WEIGHTS[0]} or "
        f"{_WEIGHTS[2]}"
    )


def _shards(repository: HubRepository, index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        shards = [repository.file(name) for name in names if Path(name).name == name]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{index.name} of {repository.name} is damaged") from error
    if None in shards or len(shards) < len(names):
        raise RunError(f"{repository.name} lacks weights that its {index.name} names")
    return [shard for shard in shards if shard is not None]


def _processor(transformers: Any, repository: HubRepository) -> Any:
    try:
        return transformers.AutoImageProcessor.from_pretrained(
            repository.folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # the library raises many kinds
        raise _unreadable(repository, PROCESSOR, error) from error


def _network(transformers: Any, repository: HubRepository) -> tuple[Any, list[str]]:
    """The vision tower, and the names of its pooler's weights where the files have none."""
    options: dict[str, Any] = {
        "local_files_only": True,
        "trust_remote_code": False,
        "dtype": torch.float32,
    }
    try:
        config = transformers.AutoConfig.from_pretrained(
            repository.folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # the library raises many kinds
        raise _unreadable(repository, CONFIG, error) from error
    own = getattr(config, "vision_config", None)
    known = transformers.MODEL_MAPPING
    try:
        if own is not None and type(own) in known:
            network, missing = _loaded(transformers, repository, options | {"config": own})
            if not _needed(missing) and network.main_input_name == "pixel_values":
                return network, missing
        network, missing = _loaded(transformers, repository, options)
    except Exception as error:  # the library raises many kinds
        raise _unreadable(repository, "weights", error) from error
    towers = [
        (prefix, module)
        for prefix, module in network.named_modules()
        if getattr(module, "main_input_name", None) == "pixel_values" and hasattr(module, "config")
    ]
    if network.main_input_name == "pixel_values" and own is None:
        towers = [("", network)]
    if own is not None:
        towers = [each for each in towers if each[1].config.model_type == own.model_type]
    if not towers:
        raise RunError(
            f"{repository.name} is a {config.model_type}: it has no vision tower; expected a model "
            "of images"
        )
    prefix, tower = towers[0]
    missing = [name for name in missing if name.startswith(prefix)]
    if needed := _needed(missing):
        raise RunError(
            f"the weights of {repository.name} are not whole: {needed[0]} is missing"
            + (f", and {len(needed) - 1} more" if len(needed) > 1 else "")
        )
    return tower, missing


def _loaded(
    transformers: Any, repository: HubRepository, options: dict[str, Any]
) -> tuple[Any, list[str]]:
    network, info = transformers.AutoModel.from_pretrained(
        repository.folder, output_loading_info=True, **options
    )
    if info["mismatched_keys"]:
        raise ValueError(f"{sorted(map(str, info['mismatched_keys']))[0]} has another shape")
    return network, sorted(info["missing_keys"])


def _needed(missing: list[str]) -> list[str]:
    return [name for name in missing if not any(each in name for each in _WITHOUT_EFFECT)]


def _unreadable(repository: HubRepository, what: str, error: Exception) -> RunError:
    return RunError(
        f"cannot read the {what} of {repository.name} ({type(error).__name__}: "
        f"{' '.join(str(error).split())[:160]})"
    )


def _described(
    repository: HubRepository, tower: VisionTower, found: ProcessorInput, weights: list[Path]
) -> dict[str, Any]:
    takes = found.takes
    said = f"folder {repository.short_name}"
    if repository.revision is not None:
        said = f"{repository.name} of the hub, commit {repository.revision}"
    cut = f", the middle {takes.size / (takes.resized or takes.size):.1%} of each side cut out"
    left_out = f"tokens before the patches ({tower.prefix_tokens}) and the pooler are left out"
    described = {
        "architecture": f"{tower.backbone} (transformers)",
        "input_size": takes.size,
        "weights": f"{said}, SHA-256 {_hash(weights)}",
        "licence": repository.licence,
        "trained": "elsewhere",
        "grey_levels": "mean and deviation of each colour, as its processor states; three equal "
        "colours",
        "interpolation": takes.interpolation + (cut if takes.resized != takes.size else ""),
        "features": f"mean over the grid; {left_out}",
    }
    if repository.name in _TRAINED_ON:
        described["namespaces"] = list(_TRAINED_ON[repository.name])
    return described


def _hash(files: list[Path]) -> str:
    """SHA-256 of the one file, or of the hashes of several in their order."""
    hashes = [file_hash(path) for path in files]
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """Keep the library from reporting on its loading; what is wrong is raised."""
    logs = transformers.utils.logging
    level, bars = logs.get_verbosity(), logs.is_progress_bar_enabled()
    logs.set_verbosity(logs.CRITICAL)
    logs.disable_progress_bar()
    try:
        yield
    finally:
        logs.set_verbosity(level)
        if bars:
            logs.enable_progress_bar()
