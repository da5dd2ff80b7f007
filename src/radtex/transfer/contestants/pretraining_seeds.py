"""One recipe trained with several seeds, as one contestant."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from radtex.corpus.pseudonyms.pseudonyms import NOBODY
from radtex.errors import ProtocolError
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.recipe_facts import recipe_facts


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
    patients = NOBODY.joined(*(run.patients for run in runs))
    return replace(
        runs[0], name=name, description=description, patients=patients, members=(), offered=(),
        seeds=tuple(runs),
    )  # fmt: skip


def _seeds(run: Contestant) -> tuple[Any, ...]:
    return tuple(each.description["seed"] for each in run.parts)


def _facts(run: Contestant) -> dict[str, Any]:
    """All that the runs of one recipe share; of a joined rival, of each of its parts."""
    facts: dict[str, Any] = {"members": len(run.members)}
    for place, part in enumerate(run.parts):
        own = recipe_facts(part)
        if not own:
            raise ProtocolError(
                f"{part.name} is no run of radtex pretrain; A,B,… joins runs of one recipe that "
                "differ in their seed"
            )
        where = f" (part {place + 1})" if run.members else ""
        facts |= {name + where: value for name, value in own.items()}
    return facts
