"""What a recipe must fulfil beyond the types of its fields."""

from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

from radtex.bounds import AtLeast, AtMost
from radtex.errors import RecipeError
from radtex.pretraining.recipe import Recipe


def check_recipe(recipe: Recipe) -> None:
    """Refuse numbers that training would trip over, each with one clear line.

    Raises:
        RecipeError: if a number is beyond what its field allows, or does not suit another.
    """
    _check_bounds(recipe)
    parts = recipe.training.micro_batches
    if parts is not None and (parts < 1 or parts & (parts - 1)):
        raise RecipeError(f"micro_batches is {parts}; expected a power of two")
    if recipe.decoder.hidden % recipe.decoder.heads:
        raise RecipeError(
            f"hidden is {recipe.decoder.hidden}; expected a multiple of heads, "
            f"{recipe.decoder.heads}"
        )
    if recipe.augmentation.flip > 1:
        raise RecipeError(f"flip is {recipe.augmentation.flip}; expected a probability, 0 to 1")
    if recipe.joint.parallel_share >= 1:
        raise RecipeError(
            f"parallel_share is {recipe.joint.parallel_share}; expected less than 1: what writes "
            "reports is learnt from the other samples"
        )


def _check_bounds(section: Any) -> None:
    hints = get_type_hints(type(section), include_extras=True)
    for field in fields(section):
        value = getattr(section, field.name)
        if is_dataclass(value):
            _check_bounds(value)
        for bound in getattr(hints[field.name], "__metadata__", ()):
            if isinstance(bound, AtLeast) and value is not None and value < bound.least:
                raise RecipeError(f"{field.name} is {value}; expected at least {bound.least}")
            if isinstance(bound, AtMost) and value is not None and value > bound.most:
                raise RecipeError(f"{field.name} is {value}; expected at most {bound.most}")
