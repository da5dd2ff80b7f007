"""Kinds of arguments that several commands take, and options dataclasses as flags."""

from collections.abc import Callable
from typing import Annotated, get_type_hints

from cyclopts import Group, Parameter
from cyclopts.validators import Number

from radtex.bounds import Bound
from radtex.cli.defaults import as_typed
from radtex.commands.given import given

__all__ = ["Count", "Names", "Numbers", "Seed", "as_flags", "given"]

Names = Annotated[list[str] | None, Parameter(consume_multiple=True)]
Numbers = Annotated[list[int] | None, Parameter(consume_multiple=True)]
Count = Annotated[int | None, Parameter(validator=Number(gte=1))]
Seed = Annotated[int | None, Parameter(validator=Number(gte=0))]


def as_flags(
    flag_of: Callable[[str], str] = lambda field: field.replace("_", "-"),
    group: Group | None = None,
) -> Parameter:
    """Make a flag of each field of an options dataclass, with its default, text and bounds.

    Args:
        flag_of: the name of a field's flag, without dashes before it.
        group: the panel of the help that lists them.
    """

    def check(options_class: type, options: object) -> None:
        for field, hint in get_type_hints(options_class, include_extras=True).items():
            value = getattr(options, field, None)  # None where no flag was given
            for bound in getattr(hint, "__metadata__", ()):
                if isinstance(bound, Bound) and value is not None and not bound.admits(value):
                    raise ValueError(
                        f'Invalid value "{value}" for --{flag_of(field)}. Must be {bound}.'
                    )

    return Parameter(
        name="*",
        name_transform=flag_of,
        consume_multiple=True,
        show_default=as_typed,
        validator=check,
        **given(group=group),
    )
