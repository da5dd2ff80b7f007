"""The fields of a recipe in the help of `radtex pretrain`."""

import pytest
from rich.console import Console

from fixtures.commands import Radtex
from radtex.cli import app
from radtex.cli.defaults import as_typed
from radtex.cli.recipe_help import recipe_panels, recipe_table
from radtex.pretraining.recipe import load_recipe, recipe_leaves


def lines_of_help() -> list[str]:
    console = Console(width=2000, color_system=None)
    with console.capture() as printed:
        app.help_print(["pretrain"], console=console)
    return printed.get().splitlines()


@pytest.mark.parametrize("leaf", recipe_leaves())
def test_a_field_is_listed_once_with_its_value_in_the_default_recipe(leaf: str) -> None:
    (line,) = [each for each in lines_of_help() if f" --{leaf.replace('_', '-')} " in each[:60]]
    recipe = load_recipe()
    section, _ = recipe_leaves()[leaf]
    value = as_typed(getattr(getattr(recipe, section) if section else recipe, leaf))
    assert (f"[default: {value}]" in line) == (value is not None)
    assert ("default" in line) == (value is not None)


def test_the_values_are_those_of_the_recipe_that_is_asked_for() -> None:
    first, *_ = recipe_panels(load_recipe("supervised-small"))
    by_flag = {entry.names[0]: entry for entry in first.entries}
    assert by_flag["--objective"].default == "supervised"
    assert by_flag["--objective"].choices is not None
    assert "bicaptioning" in by_flag["--objective"].choices
    assert by_flag["--image-size"].metavar == "INT"
    assert by_flag["--image-size"].default is None
    assert by_flag["--targets"].metavar == "STR"


def test_flags_that_are_shown_already_are_left_out() -> None:
    first, *_ = recipe_panels(load_recipe(), shown=["--targets"])
    assert "--targets" not in {entry.names[0] for entry in first.entries}


def test_other_commands_do_not_list_them(radtex_command: Radtex) -> None:
    assert "Recipe" not in radtex_command("transfer", "--help").out


def test_the_table_of_a_recipe_has_each_field_once() -> None:
    rows = recipe_table(load_recipe("radtex-r50"))
    assert [row[0] for row in rows] == [f"--{leaf.replace('_', '-')}" for leaf in recipe_leaves()]
    assert ["--backbone", "resnet50"] in [row[:2] for row in rows]
    assert all(row[2] for row in rows)


def test_recipes_are_listed_as_a_user_types_it(radtex_command: Radtex) -> None:
    assert "radtex-small" in radtex_command("recipes").out
    assert "--learning-rate" in radtex_command("recipes", "radtex-small").out
    assert "no recipe 'none'" in radtex_command("recipes", "none").err
