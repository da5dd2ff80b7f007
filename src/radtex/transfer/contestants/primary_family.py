"""The primary family: the comparisons that are named before anything is scored."""

from collections.abc import Sequence
from itertools import combinations
from typing import get_args

from radtex.errors import ProtocolError
from radtex.transfer.contestants.contestant import Contestant, Role, without_priors
from radtex.transfer.contestants.recipe_facts import same_recipe

DEFAULT = ("radtex:imagenet", "radtex:supervised")
"""The family where none is named, as far as the roles are there."""
_ROLES: tuple[str, ...] = get_args(Role)


def primary_family(
    contestants: Sequence[Contestant], asked: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Return the pairs of names, each in the order of the contestants.

    Args:
        contestants: who is compared.
        asked: pairs `A:B`, of contestants' names or roles; a name wins. A role stands for one
            contestant of each recipe that has it, the first named; who has a prior is compared by
            name alone. `DEFAULT` where none is given.

    Raises:
        ProtocolError: if a pair names neither, or a role that nobody has.
    """
    chosen: set[frozenset[str]] = set()
    for pair in asked or DEFAULT:
        sides = _sides(pair, contestants)
        for number, side in enumerate(sides):
            if asked and not side:
                word = _words(pair, contestants)[number]
                raise ProtocolError(
                    f"--primary {pair}: no encoder has the role {word}; {_listed(contestants)}"
                )
        chosen |= {frozenset({one, other}) for one in sides[0] for other in sides[1]}
    return tuple(
        (a.name, b.name)
        for a, b in combinations(contestants, 2)
        if frozenset({a.name, b.name}) in chosen
    )


def apart(contestants: Sequence[Contestant]) -> list[str]:
    """Say in a sentence where seeds of a recipe stand apart; nothing where none do."""
    plain = without_priors(contestants)
    later = [
        other.name
        for place, other in enumerate(plain)
        if any(same_recipe(one, other) and one.role == other.role for one in plain[:place])
    ]
    if not later:
        return []
    return [
        "Of several runs of one recipe only the first stands for it in the primary family; beside "
        f"it stand {', '.join(later)}. NAME=RUN,RUN,… makes one encoder of them."
    ]


def _sides(pair: str, contestants: Sequence[Contestant]) -> tuple[list[str], list[str]]:
    one, other = _words(pair, contestants)
    return _named(one, contestants), _named(other, contestants)


def _words(pair: str, contestants: Sequence[Contestant]) -> tuple[str, str]:
    known = {*_ROLES, *(each.name for each in contestants)}
    for place in (place for place, letter in enumerate(pair) if letter == ":"):
        one, other = pair[:place], pair[place + 1 :]
        if one in known and other in known and one != other:
            return one, other
    raise ProtocolError(
        f"--primary {pair} is no pair A:B of two encoders or roles; {_listed(contestants)}"
    )


def _named(word: str, contestants: Sequence[Contestant]) -> list[str]:
    if word in (each.name for each in contestants):
        return [word]
    found: list[Contestant] = []
    for each in without_priors(contestants):
        if each.role == word and not any(same_recipe(one, each) for one in found):
            found.append(each)
    return [each.name for each in found]


def _listed(contestants: Sequence[Contestant]) -> str:
    return "the encoders are " + ", ".join(f"{each.name} ({each.role})" for each in contestants)
