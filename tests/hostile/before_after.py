"""Which attacks each of several checkouts of radtex holds against.

`python -m hostile.before_after STAGE SRC…` runs in `tests`. STAGE has a `corpus`, a `run` and a
`classifier`, made by the oldest; each SRC is the folder `src` of a checkout. It prints a line for
each attack, and how many each checkout holds against; a command that has not ended after `PATIENCE`
counts as hanging.
"""

import os
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from hostile.attack import Attack, Stage
from hostile.registry import attacks
from hostile.sandbox import Sandbox

PATIENCE = 20
"""Seconds; `attack.Attack.seconds` where that is less."""
HELD = "held"


def outcomes(stage: Stage, src: Path) -> list[str]:
    """Return how each attack ends for a checkout: `HELD`, or in what way it fails."""
    os.environ["PYTHONPATH"] = os.fspath(src.resolve())
    with Sandbox(stage) as sandbox:
        return [_outcome(attack, sandbox) for attack in attacks()]


def _outcome(attack: Attack, sandbox: Sandbox) -> str:
    place = Path(tempfile.mkdtemp(prefix="hostile-"))
    try:
        sandbox.judge(replace(attack, seconds=min(attack.seconds, PATIENCE)), place)
    except AssertionError as error:
        return _kind(str(error))
    except OSError as error:  # what the attack looks at is not there
        return f"no output: {type(error).__name__}"
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return HELD


def _kind(told: str) -> str:
    if told.startswith("it hangs"):
        return "hangs"
    if "Traceback" in told or "Exception ignored" in told:
        return "traceback"
    return "other end"


def main() -> None:
    """Compare checkouts."""
    folder, *sources = map(Path, sys.argv[1:])
    stage = Stage(*(folder.resolve() / name for name in ("corpus", "run", "classifier")))
    found = [outcomes(stage, src) for src in sources]
    for attack, ends in zip(attacks(), zip(*found, strict=True), strict=True):
        print(f"{attack.command}: {attack.name!r}", *ends, sep="\t")
    for src, ends in zip(sources, found, strict=True):
        print(src, dict(Counter(ends)), sep="\t")


if __name__ == "__main__":
    main()
