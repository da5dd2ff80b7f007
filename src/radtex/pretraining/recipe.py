"""A recipe: every choice of a pretraining run, as a tree of frozen dataclasses read from YAML.

Nothing here imports torch, so that the command line knows the fields and their defaults cheaply.
"""

import difflib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, is_dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import yaml

from radtex.bounds import AtLeast
from radtex.errors import RecipeError
from radtex.inputs import read_input
from radtex.models.decoder_options import DecoderOptions
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.text_options import TextOptions
from radtex.pretraining.loop.optimizer_options import OptimizerOptions
from radtex.pretraining.loop.training_options import TrainingOptions
from radtex.pretraining.objectives.joint_options import JointOptions
from radtex.pretraining.objectives.objective_registry import OBJECTIVES
from radtex.pretraining.objectives.occurrence_options import OccurrenceOptions
from radtex.printable import described

T = TypeVar("T")

_MOST_BYTES = 2**20
"""Of a recipe."""


@dataclass(frozen=True)
class Recipe:
    """What `radtex pretrain` does to a corpus. Each leaf is a flag of the command."""

    objective: str = "bicaptioning"
    """What the encoder is trained to do."""
    backbone: str = "resnet50"
    """A timm model name."""
    init: str = "random"
    """Where the encoder's weights start: `random`, `imagenet`, a run folder, a weight file, or
    another encoder that `transfer` knows."""
    image_size: int | None = None
    """Side of the input in pixels. Without it, that of the corpus."""
    seed: Annotated[int, AtLeast(0)] = 0
    """Seed for weights, order, augmentation and dropout."""
    targets: tuple[str, ...] = ()
    """Labels that the supervised objective, or the joint one with --labels-weight, learns: a target
    set or names. Without them, all labels of the source."""
    label_source: Literal["corpus", "reports"] = "corpus"
    """Where these labels come from: the corpus, or the words of its reports (see
    `label_report`)."""
    label_policy: str = "paper"
    """What uncertain and blank labels count as where they are learnt."""
    text: TextOptions = field(default_factory=TextOptions)
    """Which text is learnt."""
    decoder: DecoderOptions = field(default_factory=DecoderOptions)
    """Shape of what writes or reads the text."""
    occurrence: OccurrenceOptions = field(default_factory=OccurrenceOptions)
    """How it is learnt which tokens a report holds."""
    joint: JointOptions = field(default_factory=JointOptions)
    """What the joint objective learns beside writing."""
    augmentation: AugmentationOptions = field(default_factory=AugmentationOptions)
    """How images are changed."""
    optimization: OptimizerOptions = field(default_factory=OptimizerOptions)
    """How weights move."""
    training: TrainingOptions = field(default_factory=TrainingOptions)
    """Length and layout of the training."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as `recipe_from_dict` takes them and YAML writes them."""
        values: dict[str, Any] = plain(asdict(self))
        return values


def recipe_names() -> list[str]:
    """The recipes that come with radtex."""
    folder = files("radtex") / "recipes"
    return sorted(
        f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")
    )


def load_recipe(name: str = "radtex-small", overrides: Mapping[str, Any] | None = None) -> Recipe:
    """Read a recipe that comes with radtex, or a YAML file, and replace some of its leaves.

    Args:
        name: one of `recipe_names()`, or the path of a file.
        overrides: name of a leaf → its value; text is read as YAML.

    Raises:
        RecipeError: if there is no such recipe, or a field is unknown or of the wrong type.
    """
    if name in recipe_names():
        text = (files("radtex") / "recipes" / f"{name}.yaml").read_text(encoding="utf-8")
    elif Path(name).is_file():
        text = _read(Path(name))
    else:
        as_path = "/" in name or name.endswith((".yaml", ".yml"))
        raise RecipeError(
            (f"{name} does not exist" if as_path else f"no recipe {name!r}")
            + f": expected a YAML file or one of {', '.join(recipe_names())}"
        )
    try:
        values = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f" (line {place.line + 1})" if place else ""
        raise RecipeError(f"{name} is no valid YAML{line}; expected fields with values") from error
    except RecursionError as error:
        raise RecipeError(f"{name} is nested too deep; expected fields with values") from error
    if not isinstance(values, dict):
        raise RecipeError(f"{name}: expected fields with values, found {described(values)}")
    known = recipe_leaves()
    for leaf, value in (overrides or {}).items():
        if leaf not in known:
            raise RecipeError(f"unknown recipe field {leaf!r}{_suggestion(leaf, known)}")
        section, kind = known[leaf]
        branch = values.setdefault(section, {}) if section else values
        branch[leaf] = (
            yaml.safe_load(value) if isinstance(value, str) and kind is not str else value
        )
    return recipe_from_dict(values, name)


def recipe_from_dict(values: Mapping[str, Any], name: str) -> Recipe:
    """Build a recipe from plain values.

    Args:
        values: as `Recipe.as_dict` gives them; what is missing has its default.
        name: of the recipe, for messages.

    Raises:
        RecipeError: if a field is unknown or of the wrong type.
    """
    return _build(Recipe, values, name)


def recipe_leaves() -> dict[str, tuple[str | None, Any]]:
    """Section (None at the top) and type of every field of a recipe, by its name."""
    leaves: dict[str, tuple[str | None, Any]] = {}
    for name, hint in _hints(Recipe).items():
        if is_dataclass(hint):
            leaves |= {leaf: (name, kind) for leaf, kind in _hints(hint).items()}
        else:
            leaves[name] = (None, hint)
    return leaves


def plain(value: Any) -> Any:
    """The same values with lists for tuples, as YAML gives them back."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _read(file: Path) -> str:
    try:
        return read_input(file, _MOST_BYTES, RecipeError).decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{file} is no UTF-8 text; expected a YAML file of a recipe") from error
    except OSError as error:
        raise RecipeError(f"{file} cannot be read: {error.strerror}") from error


def _hints(section: Any) -> dict[str, Any]:
    """Types of the fields of a section; the name of an objective is one of those there are."""
    hints = get_type_hints(section)
    if section is Recipe:
        hints["objective"] = Literal.__getitem__(tuple(OBJECTIVES))
    return hints


def _build(kind: type[T], values: Any, where: str) -> T:
    if not isinstance(values, Mapping):
        raise RecipeError(f"{where}: expected fields with values, found {described(values)}")
    hints = _hints(kind)
    built = {}
    for key, value in values.items():
        if key not in hints:
            shown = described(key)
            raise RecipeError(f"{where}: unknown field {shown}{_suggestion(str(key), hints)}")
        hint = hints[key]
        built[key] = (
            _build(hint, value, f"{where}, {key}")
            if is_dataclass(hint) and isinstance(hint, type)
            else _check(value, hint, f"{where}, {key}")
        )
    return kind(**built)


def _check(value: Any, hint: Any, where: str) -> Any:
    """Return `value` as `hint` wants it, or raise a `RecipeError` that says what was expected."""
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise RecipeError(
                f"{where}: found {described(value)}, expected one of "
                f"{', '.join(map(str, get_args(hint)))}"
            )
        return value
    if get_origin(hint) is tuple:
        items = [value] if isinstance(value, str) else value
        kind = get_args(hint)[0]
        if not isinstance(items, list | tuple):
            raise RecipeError(f"{where}: found {described(value)}, expected a list")
        return tuple(_check(item, kind, where) for item in items)
    if value is None and type(None) in get_args(hint):
        return None
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]
    if float in kinds and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if float in kinds and isinstance(value, str):
        # YAML 1.1 reads 1e-4, without a point, as text.
        with suppress(ValueError):
            return float(value)
    if type(value) not in kinds:
        expected = " or ".join(kind.__name__ for kind in kinds)
        raise RecipeError(f"{where}: found {described(value)}, expected {expected}")
    return value


_OTHER_NAMES = {
    "lr": "learning_rate",
    "bs": "batch_size",
    "batch": "batch_size",
    "wd": "weight_decay",
    "warmup": "warmup_steps",
    "size": "image_size",
    "resolution": "image_size",
    "model": "backbone",
    "arch": "backbone",
    "architecture": "backbone",
    "num_epochs": "epochs",
    "max_steps": "steps",
    "amp": "precision",
    "accumulate": "micro_batches",
    "accumulation": "micro_batches",
    "grad_clip": "clip",
}
"""What fields are called elsewhere."""


def _suggestion(name: str, known: Mapping[str, Any]) -> str:
    if _OTHER_NAMES.get(name) in known:
        return f"; did you mean {_OTHER_NAMES[name]!r}?"
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
