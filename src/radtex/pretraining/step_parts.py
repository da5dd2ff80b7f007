"""Into how many micro-batches a step is cut, so that all processes of a run share it evenly."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from radtex.errors import RecipeError
from radtex.models.run import CONFIG, Run
from radtex.pretraining.recipe import Recipe


def as_begun(recipe: Recipe, out: Path) -> Recipe:
    """Fill in the micro-batches that a run at `out` was begun with, where the recipe asks for none.

    So a run goes on to the same bytes with another number of processes.

    Args:
        recipe: what is asked for.
        out: the run, which may not exist.

    Raises:
        RunError: if `out` is a damaged run.
    """
    if recipe.training.micro_batches is not None or not (out / CONFIG).is_file():
        return recipe
    kept: dict[str, Any] = Run.open(out).recipe.get("training", {})
    return _with_parts(recipe, kept.get("micro_batches"))


def cut_for(recipe: Recipe, processes: int, begun: bool = False) -> Recipe:
    """Return the recipe with its number of micro-batches, by default one for each process.

    Args:
        recipe: as `check_recipe` lets it pass.
        processes: how many share a step.
        begun: whether its number is that of a run which is there, so that it cannot be changed.

    Raises:
        RecipeError: if so many processes cannot share a step evenly.
    """
    batch, parts = recipe.training.batch_size, recipe.training.micro_batches
    if processes & (processes - 1):
        below = 1 << (processes.bit_length() - 1)
        raise RecipeError(
            f"{processes} processes cannot share a step evenly; start {below} or {2 * below}, "
            "since the parts of a step are a power of two"
        )
    if batch < processes:
        raise RecipeError(
            f"{processes} processes cannot share a step of {batch} images; start fewer processes, "
            f"or set --batch-size to at least {processes}"
        )
    if parts is None:
        if batch % processes:
            raise RecipeError(
                f"{processes} processes cannot share a step of {batch} images evenly; set "
                f"--batch-size to a multiple of {processes}, or --micro-batches to {processes} "
                "for parts that differ by one image"
            )
        return _with_parts(recipe, processes)
    if parts % processes:
        shared = f"{processes} processes cannot share {_micro_batches(parts)}"
        if begun:
            raise RecipeError(
                f"{shared}, with which this run was begun; resume it with at most {parts} "
                f"process{'es' if parts > 1 else ''}, or start another run"
            )
        raise RecipeError(
            f"{shared}; set --micro-batches to {processes} or more, or leave it out, and it fits"
        )
    return recipe


def _with_parts(recipe: Recipe, parts: int | None) -> Recipe:
    return replace(recipe, training=replace(recipe.training, micro_batches=parts))


def _micro_batches(parts: int) -> str:
    return f"{parts} micro-batch{'es' if parts > 1 else ''}"
