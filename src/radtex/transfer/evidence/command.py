"""The command that repeats a result."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.protocols.label_prior.prior_options import NO_PRIOR, PriorOptions
from radtex.transfer.protocols.protocol import Protocol

Value = str | int | float | bool | Path | Sequence[object] | None
_FIRST = (
    "test",
    "encoders",
    "primary",
    "targets",
    "budgets",
    "repeats",
    "protocol",
    "sampling",
    "prevalence",
)
_LAST = (
    "backbone",
    "label_policy",
    "test_label_policy",
    "label_sources",
    "test_patients",
    "seed",
    "save",
    "with_films",
    "unequal_inputs",
    "no_pixels",
    "out",
)


def transfer_command(
    pool: str,
    lineup: Lineup,
    design: Design,
    out: Path,
    *,
    test: str | None,
    protocol: Protocol[Any],
    save: Path | None,
    prior: PriorOptions = NO_PRIOR,
    with_films: bool = False,
) -> str:
    """Spell the `radtex transfer` that was run; the arguments are those of `transfer`.

    Options stand in a fixed order, and those that the order does not name between its two parts.
    """
    options: dict[str, Value] = {
        **asdict(lineup),
        **asdict(design),
        "protocol": protocol.name,
        **protocol.arguments(),
        **_chosen(prior),
        "test": test,
        "save": save,
        "with_films": with_films,
        "out": out,
    }
    others = [name for name in options if name not in _FIRST + _LAST]
    ordered = {name: options[name] for name in (*_FIRST, *others, *_LAST)}
    return command_line("radtex transfer", pool, **ordered)


def _chosen(prior: PriorOptions) -> dict[str, Value]:
    """The options of a prior that were chosen otherwise than by default."""
    usual = asdict(NO_PRIOR)
    return {name: value for name, value in asdict(prior).items() if value != usual[name]}


def command_line(command: str, *words: str, **options: Value) -> str:
    """Spell a command for a shell: words first, then an option for each value that was given.

    A sequence becomes several words behind one option, True an option alone; None, False and an
    empty tuple leave theirs out.
    """
    parts = [*command.split(), *words]
    for name, value in options.items():
        if value is None or value is False or value == ():
            continue
        parts.append("--" + name.replace("_", "-"))
        if value is True:
            continue
        if isinstance(value, Sequence) and not isinstance(value, str):
            parts.extend(map(str, value))
        else:
            parts.append(str(value))
    return shlex.join(parts)
