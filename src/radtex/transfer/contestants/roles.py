"""What each contestant is in a comparison, by the whole of its recipe.

- `radtex`: one recipe that learns by writing reports both ways (bicaptioning, or joint without a
  head for labels), the first named.
- `supervised`: learns from labels of the corpus.
- `imagenet`, `random`, `floor`: the encoders without a run, and the grey levels.
- `control`: a run whose texts were dealt to other films; or one from random weights, where other
  runs of the comparison are not. It shows what a part of the recipe is worth.
- `rival`: every other run: another objective, labels mined from reports, alone or beside the
  reports, another recipe of RadTex.
- `other`: an encoder that was trained elsewhere.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.transfer.contestants.contestant import Contestant, Role
from radtex.transfer.contestants.recipe_facts import (
    learns_labels,
    recipe_facts,
    same_recipe,
)

_WRITE_BOTH_WAYS = ("bicaptioning", "joint")


def role_of(resolved: ResolvedEncoder) -> Role:
    """Return the role of an encoder by itself; of a run by its recipe."""
    match resolved.source:
        case "random":
            return "random"
        case "imagenet":
            return "imagenet"
        case "run":
            return _role_of_run(resolved.description)
        case _:
            return "other"


def _role_of_run(description: dict[str, Any]) -> Role:
    recipe = description["recipe"]
    if recipe.get("text", {}).get("shuffle_reports", False):
        return "control"
    mined = recipe.get("label_source", "corpus") != "corpus"
    if description["objective"] == "supervised":
        return "rival" if mined else "supervised"
    writes = description["objective"] in _WRITE_BOTH_WAYS
    return "radtex" if writes and not mined and not learns_labels(recipe) else "rival"


def roles_among(contestants: Sequence[Contestant]) -> list[Contestant]:
    """Settle the roles that depend on who else is compared.

    Args:
        contestants: each with its role by itself.
    """
    inits = {part.description.get("init") for each in contestants for part in each.parts}
    controlled = [
        replace(each, role="control")
        if inits - {None, "random"}
        and each.role in ("radtex", "supervised")
        and each.description.get("init") == "random"
        else each
        for each in contestants
    ]
    first = next((each for each in controlled if each.role == "radtex"), None)
    return [
        replace(each, role="rival")
        if first is not None
        and each.role == "radtex"
        and recipe_facts(each)
        and not same_recipe(first, each)
        else each
        for each in controlled
    ]
