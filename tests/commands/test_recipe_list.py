import subprocess
import sys

import pytest

import radtex
from radtex.errors import RecipeError
from radtex.pretraining.recipe import load_recipe, recipe_leaves, recipe_names


def test_every_recipe_and_every_field_has_a_row() -> None:
    assert list(radtex.recipes().index) == recipe_names()
    fields = radtex.recipes("vicreg-r50")["value"]
    assert list(fields.index) == list(recipe_leaves())
    recipe = load_recipe("vicreg-r50")
    assert fields["objective"] == recipe.objective
    assert fields["batch_size"] == recipe.training.batch_size
    with pytest.raises(RecipeError, match="no recipe"):
        radtex.recipes("none")


def test_listing_recipes_does_not_wait_for_torch() -> None:
    code = "import sys, radtex; radtex.recipes(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
