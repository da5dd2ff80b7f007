"""Numbers that do not suit their field, or one another."""

from dataclasses import replace
from typing import get_type_hints

import pytest

from radtex.bounds import AtLeast
from radtex.errors import RecipeError
from radtex.pretraining.recipe import Recipe, load_recipe, recipe_leaves, recipe_names
from radtex.pretraining.recipe_checks import check_recipe

LEAST = {
    "seed": 0,
    "epochs": 1,
    "steps": 1,
    "batch_size": 1,
    "validate_every": 1,
    "checkpoint_every": 1,
    "max_skipped": 0,
    "blur": 0,
    "noise": 0,
    "flip": 0,
    "probe_every": 1,
    "hidden": 1,
    "dropout": 0,
    "layers": 1,
    "heads": 1,
    "feedforward": 1,
    "max_tokens": 2,
    "vocabulary": 260,
    "word_patients": 1,
    "occurrence_weight": 0,
    "labels_weight": 0,
    "parallel_share": 0,
}


def changed(name: str, value: float) -> Recipe:
    """The default recipe with one number set, unchecked."""
    section, _ = recipe_leaves()[name]
    if section is None:
        return replace(Recipe(), **{name: value})
    part = replace(getattr(Recipe(), section), **{name: value})
    return replace(Recipe(), **{section: part})


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_that_comes_with_radtex_passes(name: str) -> None:
    check_recipe(load_recipe(name))


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_a_number_below_the_least_of_its_field_is_refused(name: str, least: int) -> None:
    with pytest.raises(RecipeError, match=f"^{name} is {least - 1}; expected at least {least}$"):
        check_recipe(changed(name, least - 1))
    if name != "hidden":  # one state cannot be dealt to sixteen heads
        check_recipe(changed(name, least))


def test_no_other_field_has_a_bound() -> None:
    sections = [Recipe, *(type(getattr(Recipe(), s)) for s, _ in recipe_leaves().values() if s)]
    hints = {k: v for s in sections for k, v in get_type_hints(s, include_extras=True).items()}
    bound = {
        name: mark.least
        for name, hint in hints.items()
        for mark in getattr(hint, "__metadata__", ())
        if isinstance(mark, AtLeast)
    }
    assert bound == LEAST


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("micro_batches", 3, "micro_batches is 3; expected a power of two"),
        ("micro_batches", 0, "micro_batches is 0; expected a power of two"),
        ("heads", 3, "hidden is 1024; expected a multiple of heads, 3"),
        ("flip", 1.5, "flip is 1.5; expected a probability"),
        ("parallel_share", 1.0, "parallel_share is 1.0; expected less than 1: what writes"),
    ],
)
def test_a_number_that_training_would_trip_over_is_refused(
    name: str, value: float, message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        check_recipe(changed(name, value))
