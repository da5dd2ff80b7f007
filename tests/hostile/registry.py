"""All attacks. `python -m hostile.registry` in `tests` counts them by command."""

from collections import Counter
from importlib import import_module
from importlib.util import find_spec

from hostile.attack import Attack

MODULES = (
    *("files", "tables", "outputs", "models", "images", "terminal"),
    *("serving", "validating"),
)
"""Each module of `hostile` with a tuple `ATTACKS`."""


def attacks() -> list[Attack]:
    """Return the attacks of all modules, in their order."""
    return [
        attack
        for name in MODULES
        if find_spec(f"hostile.{name}")
        for attack in import_module(f"hostile.{name}").ATTACKS
    ]


if __name__ == "__main__":
    counts = Counter(attack.command for attack in attacks())
    for command, count in sorted(counts.items()):
        print(f"{count:5}  {command}")
    print(f"{counts.total():5}  in all")
