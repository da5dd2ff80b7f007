"""A run that is there already, and whether it is the one that is wanted."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from radtex.errors import RunError
from radtex.pretraining.recipe import load_recipe
from radtex.pretraining.same_run import as_earlier_versions, refuse_another_run

OUT = Path("run")
EARLIER = Path(__file__).parents[1] / "data" / "before_the_move" / "run"


def config(content_hash: str = "a" * 64, **overrides: Any) -> dict[str, Any]:
    recipe = load_recipe("bicaptioning-small", overrides)
    return {"recipe": recipe.as_dict(), "corpus": {"content_hash": content_hash}, "steps": 9}


def test_the_same_choices_are_the_same_run() -> None:
    other_machine = config() | {"versions": {"torch": "1"}, "threads": 3}
    refuse_another_run(OUT, other_machine, config())


def test_all_that_differs_is_named_with_both_values() -> None:
    with pytest.raises(RunError) as refused:
        refuse_another_run(OUT, config(), config("b" * 64, seed=4, steps=7, max_tokens=5))
    told = str(refused.value)
    assert "recipe seed 0, now 4" in told
    assert "recipe training steps" in told
    assert "recipe text max_tokens" in told
    assert f"corpus content_hash {'a' * 23}…, now {'b' * 23}…" in told
    assert "\n" not in told


def test_a_field_that_an_earlier_version_did_not_write_has_its_default() -> None:
    earlier = config()
    del earlier["recipe"]["seed"], earlier["recipe"]["text"]["remove_priors"], earlier["steps"]
    del earlier["recipe"]["occurrence"], earlier["recipe"]["joint"]
    refuse_another_run(OUT, earlier, config())
    with pytest.raises(RunError, match="recipe seed 0, now 1"):
        refuse_another_run(OUT, earlier, config(seed=1))
    with pytest.raises(RunError, match="recipe occurrence idf False, now True"):
        refuse_another_run(OUT, earlier, config(idf=True))


def test_a_run_of_an_earlier_version_goes_on_by_its_rule_for_weights(tmp_path: Path) -> None:
    recipe = load_recipe("bicaptioning-small")
    earlier = as_earlier_versions(recipe, EARLIER)
    assert earlier.training.kept_weights == "lowest-validation-loss"
    assert earlier == load_recipe("bicaptioning-small", {"kept_weights": "lowest-validation-loss"})
    assert as_earlier_versions(recipe, tmp_path / "none") is recipe
    run = tmp_path / "run"
    shutil.copytree(EARLIER, run)
    text = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(
        text.replace("  training:\n", "  training:\n    kept_weights: last\n")
    )
    assert as_earlier_versions(recipe, run) is recipe


def test_a_long_list_is_cut() -> None:
    kept = config()
    kept["model"] = dict.fromkeys("abcdefghijklmnop", 1)
    wanted = config() | {"model": dict.fromkeys("abcdefghijklmnop", 2)}
    with pytest.raises(RunError, match="model l 1, now 2 and 4 more; repeat"):
        refuse_another_run(OUT, kept, wanted)
