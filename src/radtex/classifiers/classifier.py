"""A classifier on disk: its description, its weights and its card, in one folder."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.classifiers.abstention import Abstention
from radtex.classifiers.familiarity import Familiarity
from radtex.classifiers.platt import Platt
from radtex.errors import RecipeError, RunError
from radtex.images import Fit, Intensity, Preprocessing
from radtex.inputs import read_text_input
from radtex.models.encoder import Encoder, pool
from radtex.models.encoder_input import EncoderInput, Interpolation
from radtex.models.exported_run import is_export
from radtex.models.model_description import SIDES
from radtex.models.storage import fitting, load_weights, save_weights, shapes_in
from radtex.statistics.thresholds import Thresholds

FORMAT = 2
"""Version of the description that is written. Format 1 is read too: its features were standardised
and of any length (see `familiarity`)."""
_READ = (1, 2)
_BATCH = 32
DESCRIPTION, WEIGHTS, CARD = "classifier.json", "model.safetensors", "MODEL_CARD.md"


@dataclass(frozen=True)
class Target:
    """A finding: how its logit becomes a probability, and that a yes or no."""

    name: str
    """As the corpus calls it."""
    platt: Platt
    """From logits to probabilities."""
    thresholds: Thresholds
    """From probabilities to yes or no."""


@dataclass(frozen=True)
class Classifier:
    """T linear heads on the pooled features of an encoder."""

    encoder: Encoder
    """In evaluation mode."""
    takes: EncoderInput
    """What the encoder takes."""
    preprocessing: Preprocessing
    """What makes a file the image that the heads were trained on."""
    targets: tuple[Target, ...]
    """The T findings, in the order of the heads."""
    weights: Tensor
    """Of the heads, (T, D), for features as they are pooled."""
    intercepts: Tensor
    """Of the heads, (T,)."""
    abstention: Abstention
    """What tells which images are given no answer."""

    def __repr__(self) -> str:
        """Say in a line what it tells, of which images."""
        names = ", ".join(target.name for target in self.targets)
        return f"<Classifier: {names}; {self.encoder.backbone}, {self.takes.size} px>"

    @torch.inference_mode()
    def features(self, images: NDArray[np.uint8]) -> Tensor:
        """Pooled features, float32 (B, D), of grey images: uint8 (B, H, W)."""
        device = next(self.encoder.parameters()).device
        ready = self.takes.prepare(torch.tensor(images).to(device))
        return pool(self.encoder(ready)).float().cpu()

    def answer(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities (B, T) and distances (B,) of grey images: uint8 (B, H, W)."""
        features = self.features(images)
        return self.probabilities(features), self.abstention.familiarity.distance(features)

    def encode(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Compute the pooled features of grey images: uint8 (N, H, W) → float32 (N, D)."""
        batches = [
            self.features(images[start : start + _BATCH]).numpy()
            for start in range(0, len(images), _BATCH)
        ]
        return np.concatenate(batches)

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Compute the probability of each target: uint8 (N, H, W) → float64 (N, T).

        Images that the classifier would abstain on are answered too (see `abstention`).
        """
        return self.probabilities(torch.from_numpy(self.encode(images)))

    def probabilities(self, features: Tensor) -> NDArray[np.float64]:
        """Of each target, float64 (B, T), by features (B, D)."""
        logits = (features @ self.weights.T + self.intercepts).numpy()
        return np.stack(
            [target.platt.probabilities(logits[:, t]) for t, target in enumerate(self.targets)], 1
        )


def write_classifier(folder: Path, classifier: Classifier, facts: Mapping[str, Any]) -> None:
    """Write the description and the weights into an empty folder.

    Args:
        folder: to write into.
        classifier: to be written.
        facts: what else a reader is to know (JSON values), beside what is needed to load it.
    """
    familiarity = classifier.abstention.familiarity
    description = {
        "format": FORMAT,
        "encoder": {
            "backbone": classifier.encoder.backbone,
            "input_size": classifier.takes.size,
            "mean": classifier.takes.mean,
            "std": classifier.takes.std,
            "interpolation": classifier.takes.interpolation,
        },
        "preprocessing": asdict(classifier.preprocessing),
        "targets": [asdict(target) for target in classifier.targets],
        "abstention": {
            "limit": classifier.abstention.limit,
            "held_out": classifier.abstention.held_out,
            "rest": familiarity.rest,
            "unit": familiarity.unit,
            "refused": dict(classifier.abstention.refused),
            "wrong_refused": dict(classifier.abstention.wrong_refused),
        },
        "facts": facts,
    }
    text = json.dumps(description, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")
    encoder = {f"encoder.{name}": value for name, value in classifier.encoder.state_dict().items()}
    save_weights(
        folder / WEIGHTS,
        encoder
        | {
            "heads.weight": classifier.weights,
            "heads.bias": classifier.intercepts,
            "abstention.mean": familiarity.mean,
            "abstention.scale": familiarity.scale,
            "abstention.components": familiarity.components.float(),
            "abstention.variances": familiarity.variances,
        },
    )


def is_classifier(path: Path) -> bool:
    """Whether `path` is a folder that describes itself as a classifier."""
    return (path / DESCRIPTION).is_file()


def read_facts(path: Path) -> dict[str, Any]:
    """What `write_classifier` was given to tell beside the classifier.

    Raises:
        RunError: if `path` is no classifier, or its description is damaged.
    """
    return dict(_read_description(path)["facts"])


def digest_of(path: Path) -> str:
    """SHA-256, in hex, of the description of a classifier followed by its weights."""
    digest = hashlib.sha256()
    for name in (DESCRIPTION, WEIGHTS):
        with (path / name).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def load_classifier(path: Path) -> Classifier:
    """Load the folder of a classifier, its encoder in evaluation mode.

    Raises:
        RunError: if `path` is no such folder, or its files are missing, damaged or do not fit.
    """
    values = _read_description(path)
    try:
        of_encoder, preprocessing = values["encoder"], _preprocessing(values)
        takes = EncoderInput(
            of_encoder["input_size"],
            _number(of_encoder["mean"]),
            _number(of_encoder["std"]),
            of_encoder["interpolation"],
        )
        targets = tuple(_target(each) for each in values["targets"])
        limit, rest = (_number(values["abstention"][name]) for name in ("limit", "rest"))
        held_out = int(values["abstention"]["held_out"])
        unit = values["format"] > 1 and values["abstention"]["unit"] is True
        shares = [
            _shares(values["abstention"].get(key, {})) for key in ("refused", "wrong_refused")
        ]
        _check(preprocessing, takes, targets, rest)
        shapes = shapes_in(path / WEIGHTS)
        encoder = fitting(
            lambda: Encoder(str(of_encoder["backbone"]), takes.size), shapes, "encoder."
        )
    except RecipeError as error:
        raise RunError(f"{path / DESCRIPTION} is damaged: {error}") from error
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise RunError(
            f"{path / DESCRIPTION} is damaged ({type(error).__name__}: {error}); "
            "restore it, or save the classifier again"
        ) from error
    if isinstance(encoder, str):
        raise _misfit(path, encoder)
    expected = _shapes(encoder.width, len(targets))
    for name, shape in expected.items():
        found = shapes.get(name, ())
        if len(found) != len(shape) or any(
            want not in (got, None) for want, got in zip(shape, found, strict=True)
        ):
            raise _misfit(path, f"{name} has the shape {found}, expected {shape}")
    weights = load_weights(path / WEIGHTS)
    components, variances = weights["abstention.components"], weights["abstention.variances"]
    if len(components) != len(variances):
        raise _misfit(path, f"{len(components)} components have {len(variances)} variances")
    if not all(weights[name].is_floating_point() for name in expected) or not all(
        value.isfinite().all() for value in weights.values()
    ):
        raise _misfit(path, "they hold values that are no finite numbers")
    own = {k.removeprefix("encoder."): v for k, v in weights.items() if k.startswith("encoder.")}
    try:
        encoder.load_state_dict(own)
    except RuntimeError as error:
        first = str(error).splitlines()[1:2] or [str(error)]
        raise _misfit(path, first[0].strip()) from error
    return Classifier(
        encoder=encoder.eval(),
        takes=takes,
        preprocessing=preprocessing,
        targets=targets,
        weights=weights["heads.weight"].float(),
        intercepts=weights["heads.bias"].float(),
        abstention=Abstention(
            Familiarity(
                weights["abstention.mean"].double(),
                weights["abstention.scale"].double(),
                components.double(),
                variances.double(),
                rest,
                unit,
            ),
            limit,
            held_out,
            *shares,
        ),
    )


def _read_description(path: Path) -> dict[str, Any]:
    file = path / DESCRIPTION
    if not file.is_file():
        inside = sorted(each.parent.name for each in path.glob(f"*/{DESCRIPTION}"))
        if inside:
            raise RunError(
                f"{path} holds several classifiers; name one: {', '.join(inside)}"
                if len(inside) > 1
                else f"{path} is no classifier; it holds one: {inside[0]}"
            )
        if is_export(path):
            raise RunError(
                f"{path} is an exported run, which gives features but no probabilities; make a "
                "classifier of it with `radtex transfer … --save`"
            )
        if not path.exists():
            raise RunError(
                f"{path} does not exist, so it is no classifier; expected a folder that "
                "`radtex transfer … --save` made"
            )
        raise RunError(
            f"{path} is no classifier: it has no {DESCRIPTION}; expected a folder that "
            "`radtex transfer … --save` made"
        )
    try:
        values = json.loads(read_text_input(file, RunError))
        found = values["format"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise RunError(f"{file} is damaged ({type(error).__name__}); restore it") from error
    if found not in _READ:
        raise RunError(
            f"{file} has the format {found!r}, and this radtex reads {_READ[0]} and {_READ[1]}; "
            "save the classifier again"
        )
    if not isinstance(values.get("facts"), dict):
        raise RunError(f"{file} is damaged (no facts); restore it")
    return dict(values)


def _target(values: Mapping[str, Any]) -> Target:
    platt, thresholds = values["platt"], values["thresholds"]
    return Target(
        str(values["name"]),
        Platt(_number(platt["slope"]), _number(platt["offset"])),
        Thresholds(_number(thresholds["youden"]), _number(thresholds["sensitive"])),
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _shares(values: Any) -> dict[str, float]:
    return {str(kind): _number(share) for kind, share in dict(values).items()}


def _check(
    preprocessing: Preprocessing, takes: EncoderInput, targets: tuple[Target, ...], rest: float
) -> None:
    if takes.interpolation not in get_args(Interpolation):
        raise ValueError(f"interpolation {takes.interpolation!r}")
    for size in (preprocessing.size, takes.size):
        if not isinstance(size, int) or size not in SIDES:
            raise ValueError(f"a side of {size!r} pixels")
    if preprocessing.fit not in get_args(Fit):
        raise ValueError(f"fit {preprocessing.fit!r}")
    if preprocessing.intensity not in get_args(Intensity):
        raise ValueError(f"intensity {preprocessing.intensity!r}")
    if takes.std <= 0 or rest <= 0:
        raise ValueError("a deviation that is not above 0")
    names = [target.name for target in targets]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"the targets {names}")


def _shapes(width: int, targets: int) -> dict[str, tuple[int | None, ...]]:
    """Of the tensors beside the encoder's; None is any number."""
    return {
        "heads.weight": (targets, width),
        "heads.bias": (targets,),
        "abstention.mean": (width,),
        "abstention.scale": (width,),
        "abstention.components": (None, width),
        "abstention.variances": (None,),
    }


def _preprocessing(values: Mapping[str, Any]) -> Preprocessing:
    # What does not say how its images became square was made when they were cropped.
    return Preprocessing(**({"fit": "crop"} | values["preprocessing"]))


def _misfit(path: Path, why: str) -> RunError:
    return RunError(
        f"{path / WEIGHTS} does not fit {DESCRIPTION}: {why}; restore them, or save the classifier "
        "again"
    )
