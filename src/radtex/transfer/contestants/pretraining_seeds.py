"""One recipe trained with several seeds, as one contestant."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from radtex.errors import ProtocolError
from radtex.transfer.contestants.contestant import Contestant


def of_one_recipe(name: str, runs: Sequence[Contestant]) -> Contestant:
    """Join runs that differ in nothing but their seed.

    Args:
        name: of the new contestant.
        runs: at least two; each a run or a leave-target-out rival.

    Returns:
        One contestant, with the patients of all.

    Raises:
        ProtocolError: if one is no run, two have one seed, or they differ in more; the message
            says in what.
    """
    facts = [_facts(run) for run in runs]
    for other, found in zip(runs[1:], facts[1:], strict=True):
        for what in dict.fromkeys((*facts[0], *found)):
            if facts[0].get(what) != found.get(what):
                raise ProtocolError(
                    f"the runs of {name} are not one recipe: they differ in {what}, "
                    f"{runs[0].name} {facts[0].get(what)}, {other.name} {found.get(what)}"
                )
    seeds = [_seeds(run) for run in runs]
    for place, seed in enumerate(seeds):
        if seed in seeds[:place]:
            first = runs[seeds.index(seed)].name
            raise ProtocolError(
                f"{first} and {runs[place].name} in {name} have one seed, {seed[0]}; name runs of "
                "different seeds"
            )
    description = {
        **{key: value for key, value in runs[0].description.items() if key != "seed"},
        "weights": "several seeds: " + ", ".join(run.name for run in runs),
        "seeds": [list(seed) if len(seed) > 1 else seed[0] for seed in seeds],
    }
    patients = frozenset().union(*(run.patients for run in runs))
    return replace(
        runs[0], name=name, description=description, patients=patients, members=(),
        seeds=tuple(runs),
    )  # fmt: skip


def _seeds(run: Contestant) -> tuple[Any, ...]:
    return tuple(each.description["seed"] for each in (run.members or (run,)))


def _facts(run: Contestant) -> dict[str, Any]:
    """All that the runs of one recipe share, as text in a message."""
    for each in run.members or (run,):
        if "recipe" not in each.description:
            raise ProtocolError(
                f"{each.name} is no run of radtex pretrain; A,B,… joins runs of one recipe that "
                "differ in their seed"
            )
    facts: dict[str, Any] = {"input size": run.takes.size, "members": len(run.members)}
    for place, each in enumerate(run.members or (run,)):
        where = f" (part {place + 1})" if run.members else ""
        named = {
            **_leaves(each.description["recipe"]),
            "steps": each.description["steps"],
            "targets": each.description["targets"],
            "corpus": each.description["corpus"],
        }
        facts |= {what + where: value for what, value in named.items() if what != "seed"}
    return facts


def _leaves(recipe: Mapping[str, Any]) -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for name, value in recipe.items():
        leaves |= _leaves(value) if isinstance(value, Mapping) else {name: value}
    return leaves
