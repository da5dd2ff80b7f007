"""A run is repeated and resumed by the choices that it was begun with."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from radtex.errors import RunError
from radtex.models.run import CONFIG, Run
from radtex.pretraining.recipe import Recipe

PARTS = ("recipe", "corpus", "model", "steps")
"""Of the config, what makes two runs the same; versions and threads may differ."""

_LISTED = 12
_SHOWN = 24
"""Characters of a value, at most."""


def as_earlier_versions(recipe: Recipe, out: Path) -> Recipe:
    """Return the recipe by the rules of then, if a run at `out` was begun before it could choose.

    Earlier versions kept the weights of the lowest validation loss, and did not say so.

    Args:
        recipe: what is asked for.
        out: the run, which may not exist.

    Raises:
        RunError: if `out` is a damaged run.
    """
    if not (out / CONFIG).is_file() or "kept_weights" in Run.open(out).recipe.get("training", {}):
        return recipe
    return replace(recipe, training=replace(recipe.training, kept_weights="lowest-validation-loss"))


def refuse_another_run(out: Path, kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse a run at `out` that was begun with other choices than are wanted now.

    A field of the recipe that an earlier version did not write has its default. Of the other parts
    only what both state is compared.

    Args:
        out: the run.
        kept: its config.
        wanted: what `run_config` gives, or some of its parts.

    Raises:
        RunError: if they differ; the message has the fields and both values.
    """
    kept = dict(kept) | {"recipe": _completed(kept["recipe"], Recipe().as_dict())}
    found = [
        each
        for part in PARTS
        if part in wanted and part in kept
        for each in _differences(part, kept[part], wanted[part])
    ]
    if found:
        more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
        raise RunError(
            f"{out} was begun with other choices: {'; '.join(found[:_LISTED])}{more}; repeat its "
            "command, or choose another --out"
        )


def _completed(kept: Any, defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _completed(kept.get(key, {}), value)
        if isinstance(value, dict)
        else kept.get(key, value)
        for key, value in defaults.items()
    }


def _differences(name: str, kept: Any, wanted: Any) -> Iterator[str]:
    if isinstance(kept, Mapping) and isinstance(wanted, Mapping):
        for key in wanted:
            if key in kept:
                yield from _differences(f"{name} {key}", kept[key], wanted[key])
    elif kept != wanted:
        yield f"{name} {_short(kept)}, now {_short(wanted)}"


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
