"""Kinds of arguments that several commands take."""

from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

Names = Annotated[list[str] | None, Parameter(consume_multiple=True)]
Numbers = Annotated[list[int] | None, Parameter(consume_multiple=True)]
Count = Annotated[int | None, Parameter(validator=Number(gte=1))]
Length = Annotated[int | None, Parameter(validator=Number(gte=0))]
Seed = Annotated[int | None, Parameter(validator=Number(gte=0))]


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given: defaults live in the function that a command calls."""
    return {name: value for name, value in options.items() if value is not None}
