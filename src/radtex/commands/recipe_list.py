"""`radtex.recipes`; it does not wait for torch."""

from pathlib import Path

import pandas as pd

from radtex.pretraining.recipe import load_recipe, recipe_leaves, recipe_names


def recipes(name: Path | str | None = None) -> pd.DataFrame:
    """List the recipes, or the fields of one.

    Args:
        name: a recipe that comes with radtex, or a YAML file. Without it, all of the former.

    Returns:
        A row for each recipe, with its `objective` and `backbone`; or a row for each field of the
        one that is named, with its `value`. The index holds their names.

    Raises:
        RecipeError: if there is no such recipe.

    Example:
        >>> import radtex
        >>> radtex.recipes().loc["radtex-small", "backbone"]
        'tf_efficientnet_lite0'
        >>> radtex.recipes("radtex-small").loc["backbone", "value"]
        'tf_efficientnet_lite0'
    """
    if name is None:
        rows = {each: load_recipe(each) for each in recipe_names()}
        return pd.DataFrame(
            {
                "objective": {each: recipe.objective for each, recipe in rows.items()},
                "backbone": {each: recipe.backbone for each, recipe in rows.items()},
            }
        )
    recipe = load_recipe(str(name))
    fields = {
        leaf: getattr(getattr(recipe, section) if section else recipe, leaf)
        for leaf, (section, _) in recipe_leaves().items()
    }
    return pd.DataFrame({"value": pd.Series(fields, dtype=object)})
