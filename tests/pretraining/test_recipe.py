"""Recipes: what may be written in one, and what is refused in one line."""

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import yaml

from radtex.errors import RecipeError
from radtex.pretraining.objectives.objective_registry import OBJECTIVES
from radtex.pretraining.recipe import (
    _OTHER_NAMES,
    Recipe,
    load_recipe,
    recipe_from_dict,
    recipe_leaves,
    recipe_names,
)


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_is_valid_and_survives_its_own_yaml(name: str) -> None:
    recipe = load_recipe(name)
    text = yaml.safe_dump(recipe.as_dict())
    assert recipe_from_dict(yaml.safe_load(text), name) == recipe


@pytest.mark.parametrize("size", ["small", "r50"])
@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_each_rival_has_the_recipe_of_radtex_but_for_its_objective(
    objective: str, size: str
) -> None:
    recipe = "radtex" if objective == "joint" else objective
    radtex, rival = load_recipe(f"radtex-{size}"), load_recipe(f"{recipe}-{size}")
    assert rival.objective == objective
    shared = {"backbone", "init", "augmentation", "optimization", "training"}
    if objective != "supervised":
        shared.add("text")
    if objective not in ("supervised", "token-classification"):
        shared.add("decoder")
    for part in shared:
        assert getattr(radtex, part) == getattr(rival, part)


def test_a_recipe_may_name_every_objective_there_is() -> None:
    named = {recipe_from_dict({"objective": name}, "mine").objective for name in OBJECTIVES}
    assert named == set(OBJECTIVES)
    assert get_args(recipe_leaves()["objective"][1]) == tuple(OBJECTIVES)


def test_names_of_fields_are_unique_so_that_each_can_be_a_flag() -> None:
    sections = [name for name in Recipe.__dataclass_fields__ if name not in recipe_leaves()]
    fields = [
        field for section in sections for field in getattr(Recipe(), section).__dataclass_fields__
    ]
    top = [name for name in Recipe.__dataclass_fields__ if name not in sections]
    assert len(set(fields + top)) == len(fields + top) == len(recipe_leaves())


def test_flags_override_the_file() -> None:
    recipe = load_recipe(
        "radtex-small",
        {"learning_rate": "1e-3", "epochs": "3", "init": "imagenet", "steps": 5, "targets": ["a"]},
    )
    assert recipe.optimization.learning_rate == 1e-3
    assert recipe.training.epochs == 3
    assert recipe.training.steps == 5
    assert recipe.init == "imagenet"
    assert recipe.targets == ("a",)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"lerning_rate": 1}, "did you mean 'learning_rate'"),
        ({"epochs": "many"}, "epochs: found 'many', expected int"),
        ({"epochs": True}, "found True, expected int"),
        ({"optimizer": "adam"}, "expected one of adamw, sgd"),
        ({"objective": "masqued"}, "objective: found 'masqued', expected one of bicaptioning, "),
        ({"objective": 3}, "objective: found 3, expected one of bicaptioning, "),
        ({"targets": 3}, "expected a list"),
    ],
)
def test_a_bad_flag_is_one_clear_line(overrides: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load_recipe("radtex-small", overrides)


def test_a_bad_file_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    for text, message in (
        ("decoder: {hiden: 3}", "unknown field 'hiden'; did you mean 'hidden'"),
        ("decoder: 3", "expected fields with values, found 3"),
        ("- 1", "expected fields with values"),
        ("a: [", r"no valid YAML \(line 1\)"),
        ("[" * 5000, "no valid YAML|nested too deep"),
        ("Kowalczyk: 1957", "unknown field a text of 9 characters"),
        ("Kowalczyk, Zbigniew has cancer", "fields with values, found a text of 30 characters"),
        ("objective: Kowalczyk Z", "found a text of 11 characters, expected one of"),
        ("backbone: [Kowalczyk]", "found a list of 1, expected str"),
        ("Kowalczyk: [", "no valid YAML"),
    ):
        file.write_text(text)
        with pytest.raises(RecipeError, match=message) as caught:
            load_recipe(str(file))
        assert "\n" not in str(caught.value)
        assert "Kowalczyk" not in str(caught.value)
    file.write_bytes(b"\xff")
    with pytest.raises(RecipeError, match="is no UTF-8 text; expected a YAML file of a recipe"):
        load_recipe(str(file))
    with pytest.raises(RecipeError, match=r"one of .*radtex-r50"):
        load_recipe("radtex-huge")


def test_a_recipe_is_read_without_torch() -> None:
    """So that the command line can show the defaults at once."""
    code = "import sys; from radtex.pretraining.recipe import load_recipe; load_recipe()"
    subprocess.run([sys.executable, "-c", f"{code}; sys.exit('torch' in sys.modules)"], check=True)


@pytest.mark.parametrize(("typed", "meant"), [("lr", "learning_rate"), ("wd", "weight_decay")])
def test_a_name_from_elsewhere_is_understood(typed: str, meant: str) -> None:
    with pytest.raises(
        RecipeError, match=f"unknown recipe field '{typed}'; did you mean '{meant}'"
    ):
        load_recipe(overrides={typed: "1"})


def test_names_from_elsewhere_are_no_fields_and_mean_some() -> None:
    leaves = recipe_leaves()
    assert not _OTHER_NAMES.keys() & leaves.keys()
    assert set(_OTHER_NAMES.values()) <= leaves.keys()
