"""What of a run's recipe makes it this recipe, and in what two runs' conditions differ."""

from collections.abc import Mapping
from typing import Any

from radtex.pretraining.recipe import Recipe
from radtex.transfer.contestants.contestant import Contestant

_WITHOUT_EFFECT = (
    "seed",
    "epochs",  # the steps are compared
    "checkpoint_every",
    "probe_every",
    "probe_targets",
    "compile",
    "activation_checkpointing",
    "channels_last",
    "fused",
    "max_skipped",
    "image_size",  # the input size is compared
    "backbone",  # the architecture is compared
)
_BEFORE = {"word_patients": 1}
"""How earlier versions went about what they did not know, where that is no longer the default."""
LABEL_FIELDS = ("targets", "label_source", "label_policy")
"""The own fields of objectives that learn from labels."""


def recipe_facts(contestant: Contestant) -> dict[str, Any]:
    """Return all that pretraining a run was decided by, but its seed; empty for no run.

    The leaves of its recipe by name, what an earlier version did not know as it was then, and
    `architecture`, `input size`, `steps`, `corpus` (its content hash), `targets` and
    `learns labels`.
    """
    description = contestant.description
    if "recipe" not in description:
        return {}
    leaves = _leaves(Recipe().as_dict()) | _BEFORE | _leaves(description["recipe"])
    facts = {name: value for name, value in leaves.items() if name not in _WITHOUT_EFFECT}
    return facts | {
        "architecture": description.get("architecture"),
        "input size": contestant.takes.size,
        "steps": description.get("steps"),
        "corpus": description.get("corpus"),
        "targets": description.get("targets"),
        "learns labels": learns_labels(description["recipe"]),
    }


def learns_labels(recipe: Mapping[str, Any]) -> bool:
    """Tell whether a run of a recipe learnt from labels, alone or beside its reports."""
    weight: float = recipe.get("joint", {}).get("labels_weight", 0.0)
    objective = recipe.get("objective")
    return objective == "supervised" or (objective == "joint" and weight > 0)


def same_recipe(one: Contestant, other: Contestant) -> bool:
    """Tell whether two runs, or rivals joined of runs, differ in their seed at most."""
    ours, theirs = (
        [recipe_facts(part) for part in contestant.parts] for contestant in (one, other)
    )
    return all(ours) and _once(ours) == _once(theirs)


def _once(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several seeds of a recipe are one."""
    return [each for place, each in enumerate(facts) if each not in facts[:place]]


def _leaves(recipe: Mapping[str, Any]) -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for name, value in recipe.items():
        leaves |= _leaves(value) if isinstance(value, Mapping) else {name: value}
    return leaves
