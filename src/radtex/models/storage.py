"""Runs on disk: saving, loading, and the one resolver of encoder names."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from radtex.compute.seeding import seeded
from radtex.errors import RunError
from radtex.files import whole_file
from radtex.images import Fit, Intensity, Preprocessing
from radtex.models.decoder import Decoder, Direction
from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder import Encoder
from radtex.models.encoders.imagenet import imagenet_grey_levels, load_imagenet
from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.models.encoders.timm_and_files import is_foreign, resolve_foreign
from radtex.models.pretrained import PretrainedModel
from radtex.models.tokenizer import Tokenizer

CONFIG = "config.yaml"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
PATIENTS = "patients.txt"


@dataclass(frozen=True)
class DecoderDescription:
    """What must be known to build a run's decoder before its weights are loaded."""

    vocabulary: int
    max_tokens: int
    directions: tuple[Direction, ...]
    options: DecoderOptions

    def build(self, encoder: Encoder) -> Decoder:
        """A decoder with random weights that reads the grid of `encoder`."""
        return Decoder(
            encoder.width, self.vocabulary, self.max_tokens, self.options, self.directions
        )


@dataclass(frozen=True)
class ModelDescription:
    """The architecture of a run and the pixels it expects (grey levels 0..255)."""

    backbone: str
    input_size: int
    mean: float
    std: float
    fit: Fit = "crop"
    """how its images were made square, and `intensity` their grey levels"""
    intensity: Intensity = "window"
    decoder: DecoderDescription | None = None

    @property
    def preprocessing(self) -> Preprocessing:
        """What makes a file the image that the encoder expects."""
        return Preprocessing(self.input_size, self.fit, self.intensity)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "ModelDescription":
        """Build from the `model` section of a run's config."""
        decoder = values["decoder"]
        if decoder is not None:
            decoder = DecoderDescription(
                decoder["vocabulary"],
                decoder["max_tokens"],
                tuple(decoder["directions"]),
                DecoderOptions(**decoder["options"]),
            )
        return cls(**{**values, "decoder": decoder})


def save_weights(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors as one safetensors file, whole."""
    with whole_file(path) as aside:
        # Written by us, since the library hides the cause of a failed write in its own error.
        aside.write_bytes(save({k: v.detach().cpu().contiguous() for k, v in tensors.items()}))


def load_weights(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file to the CPU.

    Raises:
        RunError: if it is missing or damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise RunError(f"cannot read the weights {path}: {error}; restore the file") from error


def read_config(run: Path) -> dict[str, Any]:
    """The config of a run.

    Raises:
        RunError: if `run` is no run folder, or its config is damaged.
    """
    path = run / CONFIG
    if not path.is_file():
        raise RunError(f"{run} is no run: it has no {CONFIG}; expected a folder that pretrain made")
    try:
        config: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        ModelDescription.read(config["model"])
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise RunError(f"{path} is damaged ({type(error).__name__}); restore it") from error
    return config


def load_encoder(run: Path) -> Encoder:
    """The encoder of a finished run, in eval mode.

    Raises:
        RunError: if `run` is no run, is unfinished, or its weights do not fit its config.
    """
    description = ModelDescription.read(read_config(run)["model"])
    encoder = Encoder(description.backbone, description.input_size)
    _fill(encoder, _finished_weights(run), "encoder.", run)
    return encoder.eval()


def load(path: str | Path) -> PretrainedModel:
    """Load a finished run: its encoder and, where it has one, its decoder, in eval mode.

    Raises:
        RunError: if `path` is no run, is unfinished, or its files do not fit each other.
    """
    run = Path(path)
    config = read_config(run)
    description = ModelDescription.read(config["model"])
    weights = _finished_weights(run)
    encoder = Encoder(description.backbone, description.input_size)
    _fill(encoder, weights, "encoder.", run)
    decoder = tokenizer = None
    if description.decoder is not None:
        tokenizer = Tokenizer.load(run / TOKENIZER)
        if len(tokenizer) != description.decoder.vocabulary:
            raise RunError(
                f"{run / TOKENIZER} has {len(tokenizer)} tokens, the decoder "
                f"{description.decoder.vocabulary}; it belongs to another run"
            )
        # Runs of earlier versions did not note it.
        noted = config.get("tokenizer")
        if noted and hashlib.sha256((run / TOKENIZER).read_bytes()).hexdigest() != noted:
            raise RunError(
                f"{run / TOKENIZER} is not the file that the run was trained with; it belongs to "
                "another run or was changed: restore it"
            )
        decoder = description.decoder.build(encoder)
        _fill(decoder, weights, "decoder.", run)
        decoder.eval()
    return PretrainedModel(encoder.eval(), decoder, tokenizer, description.mean, description.std)


def resolve_encoder(
    what: str, backbone: str, input_size: int, grey_levels: tuple[float, float], seed: int
) -> ResolvedEncoder:
    """Find the encoder that `what` names.

    Args:
        what: `random`, `imagenet`, the folder of a finished run, or an encoder that others
            trained (see `resolve_foreign`).
        backbone, input_size: of `random` and `imagenet`; the others bring their own, but that
            `backbone` is tried first on a weight file.
        grey_levels: mean and deviation, 0..255, for `random`.
        seed: of the weights of `random`.

    Raises:
        RunError: if it names nothing, or the weights cannot be had.
    """
    if what in ("random", "imagenet"):
        with seeded(seed):
            encoder = Encoder(backbone, input_size)
        weights = f"drawn with seed {seed}"
        if what == "imagenet":
            weights = load_imagenet(encoder)
            grey_levels = imagenet_grey_levels(encoder)
        return ResolvedEncoder(
            encoder.eval(),
            what,
            *grey_levels,
            description={"architecture": backbone, "input_size": input_size, "weights": weights},
        )
    if is_foreign(what):
        return resolve_foreign(what, backbone)
    run = Path(what)
    if not run.exists():
        raise RunError(
            f"no encoder {what!r}: expected `random`, `imagenet` or a run folder, timm:NAME, "
            "file:PATH, xrv:NAME or rad-dino"
        )
    config = read_config(run)
    model = config["model"]
    description = ModelDescription.read(model)
    return ResolvedEncoder(
        load_encoder(run),
        "run",
        model["mean"],
        model["std"],
        config["recipe"]["objective"],
        read_patients(run),
        {
            "architecture": model["backbone"],
            "input_size": model["input_size"],
            "fit": description.fit,
            "intensity": description.intensity,
            "weights": f"run {run.name}",
            "objective": config["recipe"]["objective"],
            "targets": config["targets"],
            "init": config["recipe"]["init"],
            "steps": config["steps"],
            "seed": config["recipe"]["seed"],
            "corpus": config["corpus"]["content_hash"],
            "namespaces": config["corpus"].get("namespaces", []),
        },
    )


def read_patients(run: Path) -> frozenset[str]:
    """SHA-256 hashes of the patients a run was trained or selected on."""
    try:
        return frozenset((run / PATIENTS).read_text(encoding="ascii").split())
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{run} has no readable {PATIENTS}; restore it from where it ran") from error


def _finished_weights(run: Path) -> dict[str, Tensor]:
    if not (run / WEIGHTS).is_file():
        raise RunError(f"{run} is unfinished: continue it with `radtex pretrain … --resume`")
    return load_weights(run / WEIGHTS)


def _fill(module: torch.nn.Module, weights: Mapping[str, Tensor], prefix: str, run: Path) -> None:
    own = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
    try:
        module.load_state_dict(own)
    except RuntimeError as error:
        first = str(error).splitlines()[1:2] or [str(error)]
        raise RunError(
            f"the weights of {run} do not fit its config ({first[0].strip()}); restore the run"
        ) from error
